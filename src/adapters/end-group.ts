import type { ChildProcess } from 'node:child_process';

/** Ends a child that leads its own process group, at once where it does not go by itself. */
export function endGroup(child: ChildProcess, graceMs = 3000): void {
  const { pid } = child;
  if (pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const signalGroup = (name: NodeJS.Signals) => {
    try {
      process.kill(-pid, name);
    } catch {
      // it has ended meanwhile
    }
  };
  signalGroup('SIGTERM');
  const timer = setTimeout(() => signalGroup('SIGKILL'), graceMs);
  child.once('close', () => clearTimeout(timer));
}
