/** Step 7: what the message says. Holding is weaker than refusing: a refusal of any filter wins. */
import { findLinks } from '../../../protocol/text-moderation/find-links.ts';
import { isCaught } from '../automod.ts';
import { countPictures } from '../emotes.ts';
import { refuse, type Step } from '../refusals.ts';
import { isModerator } from '../standing.ts';
import { type Attempt, isExempt } from './attempt.ts';

/** Below so many letters nothing is too loud. */
const LOUD_FROM = 15;

export function checkText(attempt: Attempt): Step {
  const { sender } = attempt;
  if (sender === undefined || isModerator(sender)) return undefined;
  const verdicts = [
    checkTerms(attempt),
    checkAutomod(attempt),
    checkLinks(attempt),
    checkCounts(attempt),
    checkFlood(attempt),
  ];
  return verdicts.find((verdict) => verdict?.outcome === 'refuse') ?? verdicts.find((verdict) => verdict !== undefined);
}

function checkTerms(attempt: Attempt): Step {
  const { terms, message, now } = attempt;
  if (terms.size === 0 || isExempt(attempt, 'terms')) return undefined;
  const found = message.texts
    .flatMap((text) => terms.find(text))
    .filter(({ expires }) => expires === undefined || expires > now);
  if (found.some(({ action }) => action === 'block')) return refuse('blocked_term');
  return found.length > 0 ? { outcome: 'hold', reason: 'blocked_term' } : undefined;
}

function checkAutomod(attempt: Attempt): Step {
  const { automod, message } = attempt;
  if (!automod || isExempt(attempt, 'automod')) return undefined;
  const { settings, matcher } = automod;
  const found = message.texts.flatMap((text) => matcher.find(text)).some((term) => isCaught(settings, term));
  if (!found) return undefined;
  return settings.action === 'block' ? refuse('blocked_term') : { outcome: 'hold', reason: 'automod' };
}

function checkLinks(attempt: Attempt): Step {
  const { settings, message, sender } = attempt;
  if (settings.links === 'allow' || isExempt(attempt, 'links')) return undefined;
  if (settings.links === 'subscribers' && (sender?.tier ?? 0) > 0) return undefined;
  // Emotes are words too, and a picture's address is no link.
  const texts = message.texts.filter((text) => !text.startsWith('mxc://'));
  if (texts.every((text) => findLinks(text, 1).length === 0)) return undefined;
  return settings.links === 'hold' ? { outcome: 'hold', reason: 'links' } : refuse('links');
}

function checkCounts({ message, textLimits }: Attempt): Step {
  if (message.mentions > textLimits.mentions) return refuse('too_many_mentions');
  if (countPictures(message.body, message.emotes) > textLimits.pictures) return refuse('too_many_emotes');
  return isLoud(message.body, textLimits.capitals) ? refuse('too_loud') : undefined;
}

function isLoud(body: string, limit: number): boolean {
  const letters = body.match(/\p{L}/gu)?.length ?? 0;
  if (letters < LOUD_FROM) return false;
  return (body.match(/\p{Lu}/gu)?.length ?? 0) / letters > limit;
}

/** The same from many: raids of bots say what each of them may say. */
function checkFlood({ message, recent, textLimits }: Attempt): Step {
  if (message.skeleton.length < 4) return undefined;
  const users = recent.otherUsers(message.skeleton) + 1;
  return users >= textLimits.floodUsers ? { outcome: 'hold', reason: 'flood' } : undefined;
}
