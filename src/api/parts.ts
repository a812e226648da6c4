import type {
  FastifyBaseLogger,
  FastifyInstance,
  RawReplyDefaultExpression,
  RawRequestDefaultExpression,
  RawServerDefault,
} from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import type { Channel } from '#adapters/notify/contract.ts';
import type { GitSources } from '#adapters/sources/git/git-sources.ts';
import type { Store } from '#store/database.ts';
import type { Clusters } from '#workflows/context.ts';
import type { Workflows } from '#workflows/workflows.ts';
import type { EventFeed } from './event-feed.ts';

/** What the server says of itself, and how it is told to stop. */
export interface System {
  readonly version: string;
  /** ms since the epoch */
  readonly startedAt: number;
  /** Whether the database is Slipway's own. */
  readonly isEmbedded: boolean;
  /** Begins to stop the server and returns; with `all` its local instances stop too. */
  shutdown(all: boolean): void;
}

export interface ApiOptions {
  readonly store: Store;
  readonly sources: GitSources;
  readonly workflows: Workflows;
  readonly clusters: Pick<Clusters, 'get' | 'forget'>;
  readonly system: System;
  channel(kind: string, url: string): Channel;
  readonly dataDirectory: string;
  readonly host: string;
  readonly port: number;
  readonly log: (line: string) => void;
}

/** What every route works with. */
export interface ApiParts extends ApiOptions {
  /** Where this server listens, once it does. */
  url(): string;
  readonly feed: EventFeed;
}

/** Where routes are declared: their zod schemas type their handlers. */
export type App = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  ZodTypeProvider
>;
