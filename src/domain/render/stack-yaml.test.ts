import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { serviceSpec, stackSpec } from '../../../test/support/specs.ts';
import { renderStackYaml } from './stack-yaml.ts';

const none = new Map<string, string>();
const base64 = (text: string) => Buffer.from(text).toString('base64');
const serviceOf = (text: string, name = 'web') => parse(text).services[name];

test('a service is written with its pinned image, and with nothing that nobody said', () => {
  const { text } = renderStackYaml(stackSpec([serviceSpec('web')]), none);
  expect(serviceOf(text)).toEqual({
    image: 'sha256:1',
    deploy: {
      mode: 'replicated',
      replicas: 1,
      restart_policy: { condition: 'any' },
      update_config: { parallelism: 1, monitor: '5000ms' },
    },
  });
});

test('dollars are doubled, since Compose would interpolate them', () => {
  const web = serviceSpec('web', { environment: { PRICE: '$5 ${X} $$' }, command: ['echo', '$HOME'] });
  const { text } = renderStackYaml(stackSpec([web]), none);
  expect(serviceOf(text)).toMatchObject({ environment: { PRICE: '$$5 $${X} $$$$' }, command: ['echo', '$$HOME'] });
});

test('where a secret stands in a text its variable takes its place, the longest first', () => {
  const secrets = new Map([
    ['SHORT', 'hunter'],
    ['LONG', 'hunter2$'],
    ['PIN', '42'],
  ]);
  const environment = { URL: 'postgres://u:hunter2$@db/$x', KEY: 'hunter', PIN: '42', AGE: '421' };
  const { text, needs } = renderStackYaml(stackSpec([serviceSpec('web', { environment })]), secrets);
  expect(serviceOf(text).environment).toEqual({
    URL: 'postgres://u:${LONG}@db/$$x',
    KEY: '${SHORT}',
    PIN: '${PIN}',
    AGE: '421',
  });
  expect(needs.variables).toEqual(['LONG', 'PIN', 'SHORT']);
  expect(text).not.toContain('hunter');
});

test('secrets are left to the swarm; configs come along, unless a secret stands in one', () => {
  const files = [
    { key: 'tls', kind: 'secret', external: null, base64: base64('topsecret') },
    { key: 'open', kind: 'config', external: null, base64: base64('a=1') },
    { key: 'closed', kind: 'config', external: null, base64: base64('password=hunter2') },
    { key: 'theirs', kind: 'config', external: 'theirs-7', base64: null },
  ] as const;
  const rendered = renderStackYaml(stackSpec([serviceSpec('web')], { files }), new Map([['P', 'hunter2']]));
  expect(parse(rendered.text)).toMatchObject({
    secrets: { tls: { external: true, name: 'shop-test_tls' } },
    configs: {
      open: { file: './configs/open' },
      closed: { external: true, name: 'shop-test_closed' },
      theirs: { external: true, name: 'theirs-7' },
    },
  });
  expect(rendered.files).toEqual([{ path: 'configs/open', base64: base64('a=1') }]);
  expect(rendered.needs).toEqual({
    secrets: ['shop-test_tls'],
    configs: ['shop-test_closed', 'theirs-7'],
    variables: [],
  });
  expect(JSON.stringify(rendered)).not.toContain(base64('topsecret'));
});

test("a service's address is written as a swarm knows it", () => {
  const web = serviceSpec('web', { references: { API: 'http://{service.api}/' } });
  const { text } = renderStackYaml(stackSpec([web, serviceSpec('api', { expose: [3000] })]), none);
  expect(serviceOf(text).environment).toEqual({ API: 'http://api:3000/' });
});

test('what YAML 1.1 takes for a boolean or a time is quoted', () => {
  const web = serviceSpec('web', { environment: { A: 'on', B: '1:30', C: 'yes', D: '', E: '010' } });
  const { text } = renderStackYaml(stackSpec([web]), none);
  expect(text).toMatch(/A: "on"/);
  expect(text).toMatch(/B: "1:30"/);
  expect(text).toMatch(/D: ""/);
  expect(parse(text, { version: '1.1' }).services.web.environment).toEqual({
    A: 'on',
    B: '1:30',
    C: 'yes',
    D: '',
    E: '010',
  });
});

test('a swarm knows no shm_size: what is at /dev/shm is of that size', () => {
  const plain = serviceSpec('web');
  const web = serviceSpec('web', { resources: { ...plain.resources, shmBytes: 1024 } });
  expect(serviceOf(renderStackYaml(stackSpec([web]), none).text).volumes).toEqual([
    { type: 'tmpfs', target: '/dev/shm', tmpfs: { size: 1024 } },
  ]);
});

test('a network with no setting is still there', () => {
  const network = {
    key: 'front',
    external: null,
    name: null,
    driver: null,
    driverOptions: {},
    attachable: false,
    internal: false,
    ipv6: null,
    subnets: [],
    labels: {},
  };
  const web = serviceSpec('web', { networks: [{ network: 'front', aliases: [], driverOptions: {} }] });
  const model = parse(renderStackYaml(stackSpec([web], { networks: [network] }), none).text);
  expect(model.networks).toEqual({ front: {} });
  expect(model.services.web.networks).toEqual({ front: {} });
});

test('a process of a checkout cannot be written', () => {
  const web = serviceSpec('web', { artifact: { kind: 'checkout', key: 'k', commit: 'c' } });
  expect(() => renderStackYaml(stackSpec([web]), none)).toThrow(
    expect.objectContaining({ code: 'plan.refused', message: expect.stringContaining("'web'") }),
  );
});
