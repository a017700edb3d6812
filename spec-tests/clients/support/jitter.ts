/**
 * matrix-js-sdk waits for up to ten seconds, as chance will have it, before it backs keys up, so that not all devices
 * come at once. In the suite that calls this none of its waits is longer than it has to be.
 */
export function withoutJitter(): void {
  const { random } = Math;
  before(() => {
    Math.random = () => 0;
  });
  after(() => {
    Math.random = random;
  });
}
