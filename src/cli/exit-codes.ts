import type { ErrorCode } from '#domain/errors.ts';

/** What `slipway` ends with, for scripts. The numbers of errors are those of sysexits.h. */
export const exitCodes = {
  ok: { code: 0, about: 'it was done; of `plan`: nothing would change' },
  failed: { code: 1, about: 'it failed: a deployment failed or was rolled back, tests failed, the server refused' },
  changes: { code: 2, about: '`plan`: there are changes' },
  usage: { code: 64, about: 'the command line is wrong' },
  data: { code: 65, about: 'a file is wrong: slipway.yaml, the Compose file, or one that they name' },
  notFound: { code: 66, about: 'there is no such stack, deployment, project, …' },
  unavailable: { code: 69, about: 'the server, or the engine behind it, cannot be reached' },
  auth: { code: 77, about: 'no token, or one that the server does not know' },
  interrupted: { code: 130, about: 'Ctrl-C; a deployment that was followed goes on' },
} as const;

const byCode: Partial<Record<ErrorCode, number>> = {
  'cli.usage': exitCodes.usage.code,
  'input.invalid': exitCodes.usage.code,
  'compose.invalid': exitCodes.data.code,
  'compose.unreadable': exitCodes.data.code,
  'compose.outside_checkout': exitCodes.data.code,
  'project.invalid': exitCodes.data.code,
  'stack.name_invalid': exitCodes.data.code,
  not_found: exitCodes.notFound.code,
  'engine.no_instance': exitCodes.notFound.code,
  'server.unreachable': exitCodes.unavailable.code,
  'engine.unreachable': exitCodes.unavailable.code,
  'store.unavailable': exitCodes.unavailable.code,
  'auth.required': exitCodes.auth.code,
};

/** What the process ends with for an error. */
export const exitCodeOf = (code: ErrorCode): number => byCode[code] ?? exitCodes.failed.code;
