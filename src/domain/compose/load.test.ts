import { expect, test } from 'vitest';
import { ComposeError } from './diagnostics.ts';
import { loadTexts } from './in-memory.ts';
import type { Loaded, LoadInput } from './load.ts';

type Options = Partial<LoadInput>;
type Files = string | Readonly<Record<string, string>>;

const load = (files: Files, options?: Options): Loaded =>
  loadTexts(typeof files === 'string' ? { 'compose.yaml': files } : files, options);

/** The service `a` of a file that has its other lines. */
const service = (lines: string, options?: Options): unknown => {
  const loaded = load(`services:\n  a:\n    image: x\n${lines.replace(/^/gm, '    ')}\n`, options).project.services.a;
  const {
    image: _,
    command: __,
    entrypoint: ___,
    networks: ____,
    ...rest
  } = loaded ?? { image: '', command: null, entrypoint: null };
  return rest;
};

const failure = (files: Files, options?: Options): string => {
  try {
    load(files, options);
  } catch (error) {
    return error instanceof Error ? error.message : '';
  }
  return 'nothing was refused';
};

test('a small file becomes the model that docker compose prints', () => {
  expect(load('services:\n  web:\n    image: nginx\n    ports: ["8080:80"]\n').project).toEqual({
    name: 'shop',
    networks: { default: { name: 'shop_default', ipam: {} } },
    services: {
      web: {
        image: 'nginx',
        command: null,
        entrypoint: null,
        networks: { default: null },
        ports: [{ mode: 'ingress', target: 80, published: '8080', protocol: 'tcp' }],
      },
    },
  });
});

test.each([
  ['environment: [A=1, B=, C, D=x=y]', { environment: { A: '1', B: '', C: 'from outside', D: 'x=y' } }],
  [
    'environment: {A: 1.10, B: true, C: , D: null, E: 017}',
    { environment: { A: '1.1', B: 'true', C: 'from outside', D: null, E: '15' } },
  ],
  ['labels: [a=1, b]', { labels: { a: '1', b: '' } }],
  ['labels: {a: , b: yes}', { labels: { a: '', b: 'yes' } }],
  ['build: ./app', { build: { context: '/shop/app', dockerfile: 'Dockerfile' } }],
  [
    'build: {context: "https://x.org/a.git", args: [A, C]}',
    { build: { context: 'https://x.org/a.git', dockerfile: 'Dockerfile', args: { C: 'from outside' } } },
  ],
  [
    'volumes: ["./a/:/b/:ro"]',
    { volumes: [{ type: 'bind', source: '/shop/a', target: '/b', read_only: true, bind: { create_host_path: true } }] },
  ],
  [
    'volumes: [{type: tmpfs, target: /t, tmpfs: {size: 1m}}]',
    { volumes: [{ type: 'tmpfs', target: '/t', tmpfs: { size: '1048576' } }] },
  ],
  [
    'volumes: ["~/a:/b"]',
    { volumes: [{ type: 'bind', source: '/home/me/a', target: '/b', bind: { create_host_path: true } }] },
  ],
  [
    'healthcheck: {test: curl localhost, interval: 90s, retries: "3"}',
    { healthcheck: { test: ['CMD-SHELL', 'curl localhost'], interval: '1m30s', retries: 3 } },
  ],
  ['healthcheck: {test: ""}', { healthcheck: { test: ['CMD-SHELL', ''] } }],
  ['dns_search: ""\ndns: ""', { dns_search: [''] }],
  ['user: "b"#c\ndns: [8.8.8.8]#x', { user: 'b', dns: ['8.8.8.8'] }],
  [
    'healthcheck:\n  test: "a\n  || exit 1"\n  retries: 3\ncap_add: ["a", "x\ny"]',
    { healthcheck: { test: ['CMD-SHELL', 'a || exit 1'], retries: 3 }, cap_add: ['a', 'x y'] },
  ],
  [
    'dns: [\n1.1.1.1,\n\n8.8.8.8\n]\nenvironment: {A: b,\n# why\nC: d\n}\ntty: true',
    { dns: ['1.1.1.1', '8.8.8.8'], environment: { A: 'b', C: 'd' }, tty: true },
  ],
  ["environment:\n  - 'A=1\n  2\n\n  3'", { environment: { A: '1 2\n3' } }],
  ['mem_limit: 1.5g\ncpus: "0.5"\npids_limit: 10', { mem_limit: '1610612736', cpus: 0.5, pids_limit: 10 }],
  ['privileged: "yes"\ntty: off', { privileged: true }],
  ['init: false\nscale: 0', { init: false, scale: 0 }],
  ['ulimits: {nofile: {soft: 1, hard: 2}, nproc: 3}', { ulimits: { nofile: { soft: 1, hard: 2 }, nproc: 3 } }],
  ['extra_hosts: ["b:10.0.0.1", "a=::1"]', { extra_hosts: ['a=::1', 'b=10.0.0.1'] }],
  ['extra_hosts: {h: [10.0.0.1, 10.0.0.2]}', { extra_hosts: ['h=10.0.0.1', 'h=10.0.0.2'] }],
  [
    'devices: ["/dev/a", "/dev/b:/dev/c:r"]',
    {
      devices: [
        { source: '/dev/a', target: '/dev/a', permissions: 'rwm' },
        { source: '/dev/b', target: '/dev/c', permissions: 'r' },
      ],
    },
  ],
  ['gpus: all', { gpus: [{ count: -1 }] }],
  ['expose: [80, "90"]', { expose: ['80', '90'] }],
  [
    'logging: {driver: json-file, options: {max-file: 3}}',
    { logging: { driver: 'json-file', options: { 'max-file': '3' } } },
  ],
  ['stop_grace_period: 1m', { stop_grace_period: '1m0s' }],
  ['pull_policy: if_not_present', { pull_policy: 'missing' }],
  ['x-mine: {any: [thing]}', {}],
  ['environment: {}\nlabels: []\ndepends_on: []\nports: []\nnetworks: {}', {}],
  [
    'ports: [{target: 80, host_ip: "::1", published: 8080}]',
    { ports: [{ mode: 'ingress', protocol: 'tcp', target: 80, host_ip: '::1', published: '8080' }] },
  ],
])('%s', (lines, model) => {
  expect(service(lines, { environment: { C: 'from outside', HOME: '/home/me' } })).toEqual(model);
});

test.each([
  ['command: sh -c "a b"', ['sh', '-c', 'a b']],
  ['command: [a, "b c"]', ['a', 'b c']],
  ['command: ""', []],
  ['command: []', []],
  ['command:', null],
])('%s', (line, command) => {
  expect(load(`services: {a: {image: x}}\n---\nservices:\n  a:\n    ${line}\n`).project.services.a?.command).toEqual(
    command,
  );
});

test.each([
  ['services:\n  a:\n    imagee: x\n', "compose.yaml:3:5: services.a.imagee: unknown key (did you mean 'image'?)"],
  ['services:\n  a: {image: x, ports: [80, "8080:web"]}\n', 'compose.yaml:2:29: services.a.ports[1]:'],
  [
    'services:\n  a:\n    image: x\n    environment:\n      - 1\n',
    'compose.yaml:5:9: services.a.environment[0]: is a number, but must be text',
  ],
  ['services:\n  a: {image: x, user: 1000}\n', 'services.a.user: is a number, but must be text (put it in quotes)'],
  ['services:\n  a: {image: x, healthcheck: {interval: "90"}}\n', "'90' is no duration (as in '1m30s'"],
  [
    'services:\n  a: {image: x, networks: [bakend]}\nnetworks: {backend: }\n',
    "the network 'bakend' is not declared (did you mean 'backend'?)",
  ],
  ['services:\n  a: {image: x, depends_on: [b]}\n', "depends on 'b', which is no service"],
  ['services:\n  a: {image: x, depends_on: {b: {}}}\n  b: {image: x}\n', "the key 'condition' is missing"],
  [
    'services:\n  a: {image: x, depends_on: [b]}\n  b: {image: x, depends_on: [a]}\n',
    'services wait for each other: a -> b -> a',
  ],
  ['services:\n  a: {image: x, image: y}\n', "compose.yaml:2:17: services.a: the key 'image' is there twice"],
  ['services:\n  a: {restart: no}\n', 'has neither an image nor a build'],
  ['services:\n  a: {image: "${X:?say which}"}\n', 'required variable X is missing a value: say which'],
  [
    'services:\n  a: {image: x, network_mode: host, networks: [default]}\n',
    "'network_mode' and 'networks' exclude each other",
  ],
  [
    'services:\n  a: {image: x, mem_limit: 1g, deploy: {resources: {limits: {memory: 2g}}}}\n',
    'are both there, and differ',
  ],
  ['services:\n  a: {image: x, container_name: one, scale: 2}\n', 'runs once, not 2 times'],
  ['services:\n  a: {image: x, env_file: none.env}\n', 'there is no file /shop/none.env'],
  ['services:\n  a: {image: x, security_opt: [a, a]}\n', "'a' is there twice"],
  ['services:\n  1: {image: x}\n', 'a key is not text (put the key in quotes)'],
  ['services: [a]\n', 'services: is a list, but must be a map'],
  ['services:\n  a: {image: x\n', 'not valid YAML: brackets or braces are left open (close them, and indent'],
  [
    'services:\n  a: {image: ${X}}\n',
    'compose.yaml:2:15: not valid YAML: a brace stands in bare text (put ${...} in quotes)',
  ],
  ['services:\n  a:\n    image: "x\n    tty: true\n', 'compose.yaml:5:1: not valid YAML: Missing closing "quote'],
  [
    'services:\n  a: {image: caf\uFFFD}\n',
    'compose.yaml:2:17: not valid YAML: this is no UTF-8 (save the file as UTF-8)',
  ],
  ['services:\n\ta: {image: x}\n', 'compose.yaml:2:1: not valid YAML: Tabs are not allowed as indentation'],
  ['a: &a [*a]\n', '*a refers to no anchor before it, or to itself'],
  ['web: {image: x}\n', 'unknown key'],
  ['services:\n  __proto__: {image: x}\n', "'__proto__' cannot be a key"],
  ['', 'empty Compose file'],
])('%j is refused with its place', (text, message) => {
  expect(failure(text)).toContain(message);
});

test('every mistake is told at once, in the order of the file', () => {
  const text = 'services:\n  a:\n    imgae: x\n    ports: ["x"]\n    tty: maybe\n';
  expect(() => load(text)).toThrow(ComposeError);
  try {
    load(text);
  } catch (error) {
    const found = error instanceof ComposeError ? error.diagnostics : [];
    expect(found.map(({ line, column, path }) => [line, column, path])).toEqual([
      [3, 5, 'services.a.imgae'],
      [4, 13, 'services.a.ports[0]'],
      [5, 10, 'services.a.tty'],
    ]);
  }
});

test('a bomb of aliases is refused', () => {
  const levels = Array.from({ length: 9 }, (_, i) => `x-${i + 1}: &l${i + 1} [${Array(9).fill(`*l${i}`).join(', ')}]`);
  expect(failure(`x-0: &l0 [a, a]\n${levels.join('\n')}\nservices: {a: {image: x}}\n`)).toContain('aliases expand');
});

test('a file of nothing but brackets is refused', () => {
  expect(failure('['.repeat(50_000))).toContain('not valid YAML');
});

test('merge keys fold in, the nearer key and the earlier map winning', () => {
  const text =
    'x-a: &a {image: a, user: a}\nx-b: &b {image: b, hostname: b}\nservices:\n  s: {<<: [*a, *b], user: s}\n';
  expect(load(text).project.services.s).toMatchObject({ image: 'a', user: 's', hostname: 'b' });
});

test('an undeclared volume is declared with a warning, and refused when strict', () => {
  const text = 'services:\n  a:\n    image: x\n    volumes: [data:/d]\n';
  const { project, warnings } = load(text);
  expect(project.volumes).toEqual({ data: { name: 'shop_data' } });
  expect(warnings).toMatchObject([{ leniency: 'undeclared-volume', line: 4 }]);
  expect(failure(text, { strict: true })).toContain("the volume 'data' is not declared");
});

test("a catalogue's own keys are left out with a warning, and refused when strict", () => {
  const text =
    'services:\n  a:\n    image: x\n    exclude_from_hc: true\n    volumes: [{type: bind, source: ./f, target: /f, content: hi}]\n';
  expect(load(text).warnings.map(({ path }) => path)).toEqual([
    'services.a.exclude_from_hc',
    'services.a.volumes[0].content',
  ]);
  expect(failure(text, { strict: true })).toContain('exclude_from_hc: unknown key');
});

test('what is not wrong but odd is warned of', () => {
  const text = 'version: "3"\nservices:\n  a:\n    image: ${IMAGE}x\n    command: a && b\n';
  expect(load(text).warnings.map(({ message }) => message)).toEqual([
    'the variable IMAGE is not set: it becomes empty',
    'is obsolete and ignored: remove it',
    expect.stringContaining("'&& b' is cut off"),
  ]);
});

test.each([
  ['services: {a: {image: x}}', {}, 'shop'],
  ['name: My.App\nservices: {a: {image: x}}', {}, 'myapp'],
  ['name: ${WHO}-app\nservices: {a: {image: x}}', { environment: { WHO: 'me' } }, 'me-app'],
  ['name: n\nservices: {a: {image: x}}', { environment: { COMPOSE_PROJECT_NAME: 'env' } }, 'env'],
  [
    'name: n\nservices: {a: {image: x}}',
    { environment: { COMPOSE_PROJECT_NAME: 'env' }, projectName: 'given' },
    'given',
  ],
])('%j with %j is named %s', (text, options, name) => {
  expect(load(text, options).project.name).toBe(name);
});

test('a name that somebody gives must be normal', () => {
  expect(failure('services: {a: {image: x}}', { projectName: 'No' })).toContain("the project name 'No' (as given)");
});

test('profiles switch services off, and what needs them is refused', () => {
  const text = 'services:\n  a: {image: x}\n  b: {image: x, profiles: [p]}\n';
  expect(Object.keys(load(text).project.services)).toEqual(['a']);
  expect(Object.keys(load(text, { profiles: ['p'] }).project.services)).toEqual(['a', 'b']);
  expect(Object.keys(load(text, { environment: { COMPOSE_PROFILES: 'q,*' } }).project.services)).toEqual(['a', 'b']);
  const needing = text.replace('a: {image: x}', 'a: {image: x, depends_on: [b]}');
  expect(failure(needing)).toContain("depends on 'b', whose profiles are off");
  const optional = 'depends_on: {b: {condition: service_started, required: false}}';
  expect(Object.keys(load(text.replace('a: {image: x}', `a: {image: x, ${optional}}`)).project.services)).toEqual([
    'a',
  ]);
});

test('links and shared namespaces are dependencies', () => {
  const text =
    'services:\n  a: {image: x, links: ["b:db"], pid: "service:c", volumes_from: [d]}\n  b: {image: x}\n  c: {image: x}\n  d: {image: x}\n';
  const started = { condition: 'service_started', required: true };
  expect(load(text).project.services.a?.depends_on).toEqual({
    b: { ...started, restart: true },
    c: { ...started, restart: true },
    d: started,
  });
});

test('a network mode of an unset variable attaches to no network, as in docker compose', () => {
  const { project } = load('services: {a: {image: x, network_mode: "${MODE}"}}\n');
  expect(project.services.a).toEqual({ image: 'x', command: null, entrypoint: null });
  expect(project.networks).toBeUndefined();
});

test('resources are named after the project, external ones after themselves', () => {
  const text =
    'services: {a: {image: x}}\nvolumes: {v: , e: {external: true}, o: {external: {name: old}}, n: {name: mine}}\n';
  expect(load(text).project.volumes).toEqual({
    v: { name: 'shop_v' },
    e: { external: true, name: 'e' },
    o: { external: true, name: 'old' },
    n: { name: 'mine' },
  });
});
