import { z } from 'zod';
import type { Json } from '#domain/plan/change.ts';

/** What we read of the Engine API's answers; everything else passes through. */
const json = z.json().transform((value) => value as Json);
const labels = z
  .record(z.string(), z.string())
  .nullish()
  .transform((value) => value ?? {});

const port = z.looseObject({
  Protocol: z.string().optional(),
  TargetPort: z.number().optional(),
  PublishedPort: z.number().optional(),
  PublishMode: z.string().optional(),
});

const taskTemplate = z.looseObject({
  ContainerSpec: z
    .looseObject({
      Image: z.string().optional(),
      Labels: labels,
      TTY: z.boolean().optional(),
      Healthcheck: z.looseObject({ Test: z.array(z.string()).nullish() }).nullish(),
    })
    .optional(),
  Networks: z
    .array(z.looseObject({ Target: z.string().optional() }))
    .nullish()
    .transform((value) => value ?? []),
  Placement: z.looseObject({ Constraints: z.array(z.string()).nullish() }).nullish(),
  ForceUpdate: z.number().optional(),
});

export const service = z.looseObject({
  ID: z.string(),
  Version: z.object({ Index: z.number() }),
  Spec: z.looseObject({
    Name: z.string(),
    Labels: labels,
    TaskTemplate: taskTemplate,
    Mode: z.looseObject({
      Replicated: z.looseObject({ Replicas: z.number().optional() }).optional(),
      Global: z.looseObject({}).optional(),
      ReplicatedJob: z.looseObject({ TotalCompletions: z.number().optional() }).optional(),
      GlobalJob: z.looseObject({}).optional(),
    }),
  }),
  Endpoint: z.looseObject({ Ports: z.array(port).nullish() }).nullish(),
  UpdateStatus: z.looseObject({ State: z.string().optional() }).nullish(),
  ServiceStatus: z.looseObject({ DesiredTasks: z.number().optional() }).nullish(),
  JobStatus: z.looseObject({ JobIteration: z.looseObject({ Index: z.number().optional() }).optional() }).nullish(),
});
export type Service = z.infer<typeof service>;
export const services = z.array(service);

export const task = z.looseObject({
  ID: z.string(),
  CreatedAt: z.string(),
  ServiceID: z.string(),
  Slot: z.number().optional(),
  NodeID: z.string().optional(),
  Spec: taskTemplate,
  DesiredState: z.string(),
  JobIteration: z.looseObject({ Index: z.number().optional() }).nullish(),
  NetworksAttachments: z
    .array(
      z.looseObject({
        Network: z.looseObject({ ID: z.string(), Spec: z.looseObject({ Name: z.string().optional() }).optional() }),
        Addresses: z.array(z.string()).nullish(),
      }),
    )
    .nullish()
    .transform((value) => value ?? []),
  Status: z.looseObject({
    Timestamp: z.string(),
    State: z.string(),
    Message: z.string().optional(),
    Err: z.string().optional(),
    ContainerStatus: z.looseObject({ ContainerID: z.string().optional(), ExitCode: z.number().optional() }).nullish(),
    PortStatus: z.looseObject({ Ports: z.array(port).nullish() }).nullish(),
  }),
});
export type Task = z.infer<typeof task>;
export const tasks = z.array(task);
/** The labels of a task's container. */
export const labelsOf = (one: Task): Readonly<Record<string, string>> => one.Spec.ContainerSpec?.Labels ?? {};

const ends: ReadonlySet<string> = new Set(['complete', 'shutdown', 'failed', 'rejected', 'remove', 'orphaned']);
/** Nothing of it runs any more. */
export const hasEnded = (one: Task): boolean => ends.has(one.Status.State);

export const node = z.looseObject({
  ID: z.string(),
  Spec: z.looseObject({ Labels: labels, Role: z.string().optional(), Availability: z.string().optional() }),
  Description: z.looseObject({
    Hostname: z.string().optional(),
    Platform: z.looseObject({ Architecture: z.string().optional(), OS: z.string().optional() }).optional(),
    Resources: z.looseObject({ NanoCPUs: z.number().optional(), MemoryBytes: z.number().optional() }).optional(),
    Engine: z.looseObject({ Labels: labels }).optional(),
  }),
  Status: z.looseObject({ State: z.string().optional(), Addr: z.string().optional() }),
  ManagerStatus: z.looseObject({ Addr: z.string().optional(), Leader: z.boolean().optional() }).nullish(),
});
export type Node = z.infer<typeof node>;
export const nodes = z.array(node);

export const network = z.looseObject({
  Id: z.string(),
  Name: z.string(),
  Driver: z.string(),
  Scope: z.string().optional(),
  Internal: z.boolean().optional(),
  Attachable: z.boolean().optional(),
  EnableIPv6: z.boolean().optional(),
  Options: z
    .record(z.string(), z.string())
    .nullish()
    .transform((value) => value ?? {}),
  IPAM: z.looseObject({ Config: z.array(z.record(z.string(), json)).nullish() }).nullish(),
  Labels: labels,
});
export type Network = z.infer<typeof network>;
export const networks = z.array(network);

export const volume = z.looseObject({
  Name: z.string(),
  Driver: z.string(),
  Options: z
    .record(z.string(), z.string())
    .nullish()
    .transform((value) => value ?? {}),
  Labels: labels,
});
export type Volume = z.infer<typeof volume>;
export const volumes = z.object({
  Volumes: z
    .array(volume)
    .nullish()
    .transform((value) => value ?? []),
});

/** A config or a secret. */
export const file = z.looseObject({ ID: z.string(), Spec: z.looseObject({ Name: z.string(), Labels: labels }) });
export type File = z.infer<typeof file>;
export const files = z.array(file);

export const container = z.looseObject({
  Id: z.string(),
  ImageID: z.string(),
  State: z.string().optional(),
  Labels: labels,
});
export type Container = z.infer<typeof container>;
export const containers = z.array(container);

export const image = z.looseObject({
  Id: z.string(),
  RepoDigests: z.array(z.string()).nullish(),
  Config: z.looseObject({ Healthcheck: z.looseObject({ Test: z.array(z.string()).nullish() }).nullish() }).nullish(),
});
export type Image = z.infer<typeof image>;

export const info = z.looseObject({
  Swarm: z.looseObject({
    NodeID: z.string().optional(),
    NodeAddr: z.string().optional(),
    LocalNodeState: z.string().optional(),
    ControlAvailable: z.boolean().optional(),
    Nodes: z.number().optional(),
  }),
});
export const created = z.looseObject({ ID: z.string().optional(), Id: z.string().optional() });
