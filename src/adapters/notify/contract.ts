import type { Notice } from '#domain/events/notice.ts';

export interface Channel {
  readonly kind: string;
  /** @throws SlipwayError with kind `retry` to be tried again, `person` to be given up. Resolves once the receiver took it. */
  send(notice: Notice, signal: AbortSignal): Promise<void>;
}
