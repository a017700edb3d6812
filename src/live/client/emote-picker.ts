/** The emotes of a channel on a page: to choose from, and as pictures of reactions. */
import type { Fields } from './live-events.ts';
import { channelAddress, emotePicture, make, type PageElement } from './page-elements.ts';

let loading: Promise<ReadonlyMap<string, string>> | undefined;

/** The pictures by their words, asked for once. */
export function channelEmotes(): Promise<ReadonlyMap<string, string>> {
  loading ??= load();
  return loading;
}

async function load(): Promise<ReadonlyMap<string, string>> {
  const answer = await fetch(channelAddress('/emotes'), { credentials: 'omit' }).catch(() => undefined);
  if (!answer?.ok) {
    loading = undefined;
    return new Map();
  }
  const { emotes } = (await answer.json()) as { emotes: Fields[] };
  return new Map(emotes.map(({ word, mxc }) => [String(word), String(mxc)]));
}

const SIGNS = ['😀', '😂', '😍', '😎', '🤔', '😭', '😡', '👍', '👎', '👏', '🙏', '🔥', '❤', '🎉', '👀', '💯'];

export interface PickerParts {
  readonly button: PageElement;
  readonly panel: PageElement;
  readonly text: PageElement;
}

/** A button that opens the emotes; one that is chosen goes behind what is written. */
export function emotePicker({ button, panel, text }: PickerParts): void {
  const show = (isOpen: boolean) => {
    panel.hidden = !isOpen;
    button.setAttribute('aria-expanded', String(isOpen));
  };
  const choose = (word: string) => {
    const gap = text.value === '' || text.value.endsWith(' ') ? '' : ' ';
    text.value = `${text.value}${gap}${word} `;
    text.focus();
  };
  const fill = async () => {
    const own = await channelEmotes();
    const choices = [...own].map(([word, mxc]) => [word, emotePicture(word, mxc)] as const);
    panel.replaceChildren(
      ...[...choices, ...SIGNS.map((sign) => [sign, sign] as const)].map(([word, shown]) => {
        const choice = make('button', 'choice', shown);
        choice.setAttribute('type', 'button');
        choice.setAttribute('aria-label', word);
        choice.addEventListener('click', () => choose(word));
        return choice;
      }),
    );
  };
  button.addEventListener('click', () => {
    show(panel.hidden);
    if (!panel.hidden) void fill();
  });
  panel.addEventListener('keydown', ({ key }) => {
    if (key !== 'Escape') return;
    show(false);
    button.focus();
  });
}
