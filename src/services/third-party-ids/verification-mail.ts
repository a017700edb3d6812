import type { Mail } from '../../outgoing/mail-client.ts';

/** The mail by which somebody shows that an address is theirs. */
export function verificationMail(to: string, link: string, serverName: string): Mail {
  const what = `Somebody, you hopefully, has given this address to ${serverName}.`;
  const ask = 'To confirm that it is yours, open this link:';
  const otherwise = 'If that was not you, you need not do anything.';
  return {
    to,
    subject: `Confirm your address for ${serverName}`,
    text: `${what}\n\n${ask}\n\n${link}\n\n${otherwise}\n`,
    html: `<!doctype html><html><body style="font: 16px/1.5 sans-serif; color: #222; max-width: 32em; margin: 2em auto; padding: 0 1em">
<p>${escaped(what)}</p>
<p><a href="${escaped(link)}" style="display: inline-block; background: #0b6; color: #fff; padding: .7em 1.4em; border-radius: .5em; text-decoration: none">Confirm the address</a></p>
<p style="color: #666">${escaped(otherwise)}</p>
</body></html>`,
  };
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
