import { expect, test } from 'vitest';
import { SlipwayError } from '../errors.ts';
import { checkoutFiles, insideCheckout } from './checkout.ts';
import { loadCompose } from './load.ts';

test.each([
  ['/co/a.yaml', 'a.yaml'],
  ['/co/x/../a.yaml', 'a.yaml'],
  ['/co/..a/b', '..a/b'],
])('%s is in the checkout', (path, relative) => {
  expect(insideCheckout('/co', path)).toBe(relative);
});

test.each(['/etc/shadow', '/co/../x', '/co/a/../../x', '/co', '/coa/x', 'a.yaml', '../x', '/co/a\0b'])(
  '%j is not',
  (path) => {
    expect(() => insideCheckout('/co', path)).toThrow(SlipwayError);
  },
);

const compose = (text: string): (() => unknown) => {
  const seen: string[] = [];
  const read = (path: string): string | undefined => {
    seen.push(path);
    return path === 'compose.yaml' ? text : 'SECRET=1\n';
  };
  return () => {
    loadCompose({
      files: ['/co/compose.yaml'],
      projectDirectory: '/co',
      environment: { HOME: '/root' },
      read: checkoutFiles('/co', read),
    });
    return seen;
  };
};

test.each([
  ['env_file', 'services: {a: {image: x, env_file: /etc/shadow}}'],
  ['env_file', 'services: {a: {image: x, env_file: ["~/.ssh/id"]}}'],
  ['label_file', 'services: {a: {image: x, label_file: ../x}}'],
  ['extends', 'services: {a: {extends: {file: ../../x, service: a}}}'],
  ['include', 'include: [../x.yaml]'],
  ['include', 'include: [{path: a.yaml, project_directory: /}]'],
  ['include', 'include: [{path: a.yaml, env_file: /etc/shadow}]'],
])('%s reaches nothing outside the checkout, and says where it is asked for: %s', (field, text) => {
  expect(compose(text)).toThrow(expect.objectContaining({ code: 'compose.outside_checkout' }));
  expect(compose(text)).toThrow(new RegExp(`/co/compose.yaml:1:\\d+: .*${field}`));
});
