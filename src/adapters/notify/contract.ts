/** A message to people. `id` is stable: the receiver may see it twice and can tell. */
export interface Notice {
  readonly id: string;
  readonly title: string;
  readonly lines: readonly string[];
  readonly level: 'good' | 'bad' | 'info';
  readonly link: string | null;
}

export interface Channel {
  readonly kind: string;
  /** @throws SlipwayError with kind `retry` to be tried again, `person` to be given up. Resolves once the receiver took it. */
  send(notice: Notice, signal: AbortSignal): Promise<void>;
}
