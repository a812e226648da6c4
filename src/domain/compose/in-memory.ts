import { type Loaded, type LoadInput, loadCompose } from './load.ts';

/** Loads files given as texts by their path below `/shop`; `compose.yaml` unless `options.files` says otherwise. */
export function loadTexts(texts: Readonly<Record<string, string>>, options: Partial<LoadInput> = {}): Loaded {
  const root = '/shop/';
  return loadCompose({
    files: [`${root}compose.yaml`],
    projectDirectory: '/shop',
    environment: {},
    read: { read: (path) => (path.startsWith(root) ? texts[path.slice(root.length)] : undefined) },
    ...options,
  });
}
