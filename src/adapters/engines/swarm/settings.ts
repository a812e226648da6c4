import { z } from 'zod';

/** What a swarm cluster is told by. `registry`: where its images go; without one they stay on one node. */
export const swarmSettings = z.object({
  socketPath: z.string().startsWith('/').default('/var/run/docker.sock'),
  registry: z.string().min(1).nullable().default(null),
  probeImage: z.string().min(1).nullable().default(null),
  ipvs: z.boolean().nullable().default(null),
});
