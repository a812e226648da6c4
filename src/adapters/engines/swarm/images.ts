import type { EngineApi } from './api.ts';
import { type Image, image as imageShape, type Task } from './shapes.ts';

/**
 * What this node knows of the images that tasks run. Of a digest or an ID an answer stays right; a tag, in a service that
 * Slipway did not make, is asked for each time.
 */
export interface Images {
  learn(tasks: readonly Task[], signal: AbortSignal): Promise<void>;
  /**
   * What the task's container really runs: what its specification pins where that is proven (or where the container is on
   * another node, whose engine pulls by the same digest), else the ID of the image it runs instead.
   */
  artifactOf(task: Task, containerImage: string | undefined): string | null;
  /** Has it a health check: of the specification, or else of the image? */
  isChecked(task: Task): boolean;
}

/** What is known of images, by id: asked of the engine once each. */
export function imageCache(api: EngineApi): Images {
  const known = new Map<string, Image>();
  return {
    async learn(tasks, signal) {
      const unknown = [...new Set(tasks.map(referenceOf))].filter(
        (one) => one !== '' && !(isFixed(one) && known.has(one)),
      );
      const found = await Promise.all(
        unknown.map((one) => api.find(imageShape, { path: `/images/${one}/json` }, signal)),
      );
      for (const [index, image] of found.entries()) if (image) known.set(unknown[index] ?? '', image);
    },
    artifactOf(task, containerImage) {
      const reference = referenceOf(task);
      if (!task.Status.ContainerStatus?.ContainerID) return null;
      const expected = known.get(reference)?.Id;
      return containerImage === undefined || expected === undefined || containerImage === expected
        ? reference
        : containerImage;
    },
    isChecked(task) {
      const said = task.Spec.ContainerSpec?.Healthcheck?.Test;
      const test = said?.length ? said : known.get(referenceOf(task))?.Config?.Healthcheck?.Test;
      return test !== undefined && test !== null && test.length > 0 && test[0] !== 'NONE';
    },
  };
}

const isFixed = (reference: string): boolean => reference.includes('sha256:');
const referenceOf = (task: Task): string => task.Spec.ContainerSpec?.Image ?? '';
