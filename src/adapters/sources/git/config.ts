import { randomUUID } from 'node:crypto';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * The one configuration that git reads beside a repository's own: the machine's and the user's are left out, so that
 * no alias, filter, hook or credential helper of theirs takes part.
 */
const configuration = `[protocol]
	allow = never
[protocol "https"]
	allow = always
[protocol "http"]
	allow = always
[protocol "ssh"]
	allow = always
[protocol "git"]
	allow = always
[protocol "file"]
	allow = always
[core]
	hooksPath = /dev/null
	protectHFS = true
	protectNTFS = true
	fsyncMethod = fsync
	fsync = committed,loose-object
	askPass =
[safe]
	directory = *
[init]
	defaultBranch = main
[submodule]
	recurse = false
[fetch]
	recurseSubmodules = false
	fsckObjects = true
	unpackLimit = 1
[http]
	lowSpeedLimit = 1
	lowSpeedTime = 60
[gc]
	auto = 0
[maintenance]
	auto = false
[advice]
	detachedHead = false
[receive]
	denyNonFastForwards = false
	denyDeletes = false
	denyDeleteCurrent = ignore
	autogc = false
	fsckObjects = true
	unpackLimit = 1
	advertisePushOptions = true
[uploadpack]
	hideRefs = refs/slipway
${fsckSections(['receive', 'fetch'])}`;

/** Blemishes of old histories that harm nobody: a repository that carries them must still be taken. */
function fsckSections(sections: readonly string[]): string {
  const tolerated = [
    'badDate',
    'badDateOverflow',
    'badEmail',
    'badFilemode',
    'badName',
    'badTimezone',
    'missingEmail',
    'missingNameBeforeEmail',
    'missingSpaceBeforeDate',
    'missingSpaceBeforeEmail',
    'missingTaggerEntry',
    'multipleAuthors',
    'zeroPaddedDate',
    'zeroPaddedFilemode',
  ];
  return sections.map((name) => `[${name} "fsck"]\n${tolerated.map((id) => `\t${id} = ignore\n`).join('')}`).join('');
}

/** What a network may need to be crossed; everything else of Slipway's own environment stays with Slipway. */
const passed = [
  'HTTP_PROXY',
  'HTTPS_PROXY',
  'NO_PROXY',
  'http_proxy',
  'https_proxy',
  'no_proxy',
  'ALL_PROXY',
  'all_proxy',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
  'SSH_AUTH_SOCK',
  'TMPDIR',
];

/** The environment of every git that Slipway starts: nothing that carries a secret or changes what git does. */
export function gitEnvironment(configFile: string): Record<string, string> {
  const inherited = passed.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]]));
  return {
    ...Object.fromEntries(inherited),
    PATH: process.env.PATH ?? '/usr/local/bin:/usr/bin:/bin',
    // not the user's: curl would take passwords from a .netrc there
    HOME: dirname(configFile),
    LC_ALL: 'C.UTF-8',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: configFile,
    GIT_TERMINAL_PROMPT: '0',
    GIT_OPTIONAL_LOCKS: '0',
    GIT_LITERAL_PATHSPECS: '1',
    GIT_NO_REPLACE_OBJECTS: '1',
    // a constant, for git splits it by a shell
    GIT_SSH_COMMAND: 'ssh -oBatchMode=yes -oStrictHostKeyChecking=accept-new -oConnectTimeout=15',
  };
}

/** Writes git's configuration, whole or not at all. */
export async function writeGitConfig(file: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  const temporary = `${file}.${randomUUID()}`;
  await writeFile(temporary, configuration);
  await rename(temporary, file);
}
