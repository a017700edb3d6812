/** The version of this iGChat, as `package.json` has it. */
export const IGCHAT_VERSION = '0.1.0';
