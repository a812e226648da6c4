/** What should run of a service. */
export interface Wish {
  readonly revision: string;
  readonly slots: readonly string[];
  /** How many instances may be on their way at once; 0: all. */
  readonly parallelism: number;
}

/** An instance as its folder tells. */
export interface Candidate {
  readonly id: string;
  readonly slot: string;
  readonly number: number;
  readonly revision: string;
  readonly isToStop: boolean;
  readonly hasEnded: boolean;
  /** Running and well, or completed. */
  readonly isReady: boolean;
}

export interface Decision {
  /** Slots that get a new instance. */
  readonly make: readonly string[];
  /** Instances that are told to stop. */
  readonly stop: readonly string[];
}

/** The instance that stands for a slot: the newest of this revision that is not told to stop. */
export function chosen(wish: Wish, slot: string, all: readonly Candidate[]): Candidate | undefined {
  return all
    .filter((one) => one.slot === slot && one.revision === wish.revision && !one.isToStop)
    .reduce<Candidate | undefined>((best, one) => (best && best.number > one.number ? best : one), undefined);
}

/**
 * What to make and to stop so that each slot has one instance of the revision. An old instance that is well stays until its
 * replacement may be on its way (`parallelism`); one that is not, or that no slot is left for, goes at once. `null`: no service.
 */
export function decide(wish: Wish | null, all: readonly Candidate[]): Decision {
  const make: string[] = [];
  const kept = new Set<string>();
  const under = (wish?.slots ?? []).map((slot) => wish && chosen(wish, slot, all)).filter((one) => one !== undefined);
  let onTheWay = under.filter((one) => one !== null && !one.isReady && !one.hasEnded).length;
  for (const slot of wish?.slots ?? []) {
    const right = wish ? chosen(wish, slot, all) : undefined;
    if (right) {
      kept.add(right.id);
      continue;
    }
    const old = all.filter((one) => one.slot === slot && !one.hasEnded && !one.isToStop);
    const mayGo = wish?.parallelism === 0 || onTheWay < (wish?.parallelism ?? 0) || !old.some((one) => one.isReady);
    if (mayGo) {
      make.push(slot);
      onTheWay += 1;
    } else for (const one of old) kept.add(one.id);
  }
  const stop = all.filter((one) => !kept.has(one.id) && !one.isToStop && !one.hasEnded).map((one) => one.id);
  return { make, stop };
}
