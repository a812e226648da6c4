import { nodeAt } from './consistency.ts';
import type { Reading } from './fields/field.ts';
import type { ComposeProject, ComposeVolume } from './model.ts';
import type { MapNode } from './node.ts';

/** A name that an engine takes for a volume: `data/db` would not do. */
const usable = /^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/;

/** Declares the named volumes that services use and nobody declares, with a warning for each. */
export function withUndeclaredVolumes(project: ComposeProject, tree: MapNode, reading: Reading): ComposeProject {
  if (reading.strict) return project;
  const added: Record<string, ComposeVolume> = {};
  for (const [name, service] of Object.entries(project.services)) {
    for (const { type, source } of service.volumes ?? []) {
      if (type !== 'volume' || source === undefined || !usable.test(source)) continue;
      if (Object.hasOwn(project.volumes ?? {}, source) || Object.hasOwn(added, source)) continue;
      added[source] = { name: `${project.name}_${source}` };
      const node = nodeAt(tree, 'services', name, 'volumes');
      reading.warn(
        node,
        `services.${name}.volumes`,
        `the volume '${source}' is not declared under 'volumes': it is now`,
        'undeclared-volume',
      );
    }
  }
  return Object.keys(added).length === 0 ? project : { ...project, volumes: { ...project.volumes, ...added } };
}
