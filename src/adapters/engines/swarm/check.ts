import type { Finding } from '#domain/plan/change.ts';
import type { StackSpec } from '#domain/stack/spec.ts';
import { checkEndpoint, sharedPorts } from './check-endpoint.ts';
import { checkHost } from './check-host.ts';
import { checkMounts } from './check-mounts.ts';
import { checkService } from './check-service.ts';
import { limits, sizeOf } from './files.ts';
import type { CheckGround } from './ground.ts';
import { isOverlay } from './networks.ts';

/** Everything of a specification that Swarm cannot run, or runs with a difference. Nothing is dropped in silence. */
export function checkStack(spec: StackSpec, ground: CheckGround): readonly Finding[] {
  return [
    ...spec.services.flatMap((service) => [
      ...checkService(spec, service, ground),
      ...checkHost(service),
      ...checkEndpoint(service, ground),
      ...checkMounts(spec, service, ground),
    ]),
    ...sharedPorts(spec.services, ground),
    ...checkNetworks(spec),
    ...checkFiles(spec),
  ];
}

function checkNetworks(spec: StackSpec): readonly Finding[] {
  return spec.networks
    .filter((network) => network.external === null)
    .flatMap((network): Finding[] => {
      const field = `networks.${network.key}.driver`;
      if (!isOverlay(network.driver))
        return [
          {
            level: 'refused',
            service: null,
            field,
            message: `network '${network.key}' asks for the driver '${network.driver}': between a swarm's nodes only 'overlay' works; make the network by hand and declare it \`external\``,
          },
        ];
      if (network.driver !== 'bridge') return [];
      const options = Object.keys(network.driverOptions).length > 0 ? ', and its options mean nothing there' : '';
      const message = `network '${network.key}' becomes an overlay: a bridge exists on one node only${options}`;
      return [{ level: 'differs', service: null, field, message }];
    });
}

function checkFiles(spec: StackSpec): readonly Finding[] {
  return spec.files
    .filter((file) => sizeOf(file) >= limits[file.kind])
    .map((file) => ({
      level: 'refused',
      service: null,
      field: `${file.kind}s.${file.key}`,
      message: `${file.kind} '${file.key}' has ${sizeOf(file)} bytes: Swarm takes less than ${limits[file.kind]}; put it into the image or a volume`,
    }));
}
