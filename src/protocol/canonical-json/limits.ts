/** How many objects and arrays may stand inside each other. Recursion over an event is safe below it. */
export const MAX_JSON_DEPTH = 128;
