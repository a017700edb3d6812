/**
 * Words that every server looks for where a channel wants it: few, plain, English. Operators add those of their languages
 * (`live.automod_terms`). The number is the level of a channel from which on they are caught: 1 the worst, 4 the mildest.
 */
export const AUTOMOD_TERMS: readonly { category: string; level: number; patterns: readonly string[] }[] = [
  { category: 'discrimination', level: 1, patterns: ['nigger*', 'faggot*', 'kike*', 'tranny', 'trannies', 'wetback*'] },
  { category: 'discrimination', level: 2, patterns: ['retard', 'retards', 'retarded', 'dyke', 'fag', 'fags'] },
  { category: 'discrimination', level: 4, patterns: ['cripple', 'midget', 'gypsy'] },
  { category: 'hostility', level: 1, patterns: ['kill yourself', 'kys', 'hope you die', 'go hang yourself'] },
  { category: 'hostility', level: 2, patterns: ['i will find you', 'swat you', 'swatted', 'doxx*'] },
  { category: 'hostility', level: 3, patterns: ['shut up', 'nobody likes you', 'uninstall', 'loser', 'pathetic'] },
  { category: 'hostility', level: 4, patterns: ['idiot', 'idiots', 'moron', 'stupid', 'noob', 'trash'] },
  { category: 'profanity', level: 1, patterns: ['cunt', 'cunts', 'motherfuck*'] },
  { category: 'profanity', level: 2, patterns: ['fuck*', '*fucker', 'bitch', 'bitches', 'asshole*', 'dickhead*'] },
  { category: 'profanity', level: 3, patterns: ['shit', 'bullshit', 'bastard', 'wanker', 'prick', 'piss off'] },
  { category: 'profanity', level: 4, patterns: ['damn', 'crap', 'ass', 'wtf', 'stfu'] },
  { category: 'sexual', level: 1, patterns: ['child porn', 'loli', 'rape', 'raped'] },
  { category: 'sexual', level: 2, patterns: ['porn*', 'nudes', 'send nudes', 'blowjob*', 'onlyfans'] },
  { category: 'sexual', level: 3, patterns: ['dick', 'cock', 'pussy', 'tits', 'horny', 'whore', 'slut'] },
  { category: 'sexual', level: 4, patterns: ['sexy', 'boobs', 'naked'] },
];
