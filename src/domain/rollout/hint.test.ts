import { expect, test } from 'vitest';
import { rolloutHint } from './hint.ts';

test.each([
  ['rejected: No such image: registry.example.com/shop/web@sha256:1', 'registry login'],
  ['pull access denied for shop/web, repository does not exist', 'registry login'],
  ['exited with 1', 'slipway logs'],
])('%s', (why, hint) => expect(rolloutHint(['unhealthy', why])).toContain(hint));
