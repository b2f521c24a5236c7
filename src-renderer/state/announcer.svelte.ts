/** What a screen reader hears without asking: changes of phase politely, failures at once, never a telemetry tick. */
class Announcer {
  polite = $state('');
  assertive = $state('');

  say(sentence: string): void {
    this.polite = sentence;
  }

  alarm(sentence: string): void {
    this.assertive = sentence;
  }
}

export const announcer = new Announcer();
