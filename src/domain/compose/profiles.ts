import type { ComposeProject, ComposeService } from './model.ts';

/** A project without the services whose profiles are all off. `*` switches every profile on. */
export function withProfiles(
  project: ComposeProject,
  active: readonly string[],
): { readonly project: ComposeProject; readonly off: ReadonlySet<string> } {
  const isOn = ({ profiles = [] }: ComposeService): boolean =>
    profiles.length === 0 || active.includes('*') || profiles.some((profile) => active.includes(profile));
  const on = Object.entries(project.services).filter(([, service]) => isOn(service));
  const names = new Set(on.map(([name]) => name));
  return {
    project: { ...project, services: Object.fromEntries(on) },
    off: new Set(Object.keys(project.services).filter((name) => !names.has(name))),
  };
}
