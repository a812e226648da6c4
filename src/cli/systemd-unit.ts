export interface UnitInput {
  readonly command: readonly string[];
  readonly dataFolder: string;
  readonly host: string;
  readonly port: number;
  readonly isRoot: boolean;
  readonly path: string;
}

/**
 * A unit for the server. `KillMode=process`: instances of the local engine and the embedded database are not children to be
 * killed with it; Slipway stops the database itself.
 */
export function systemdUnit({ command, dataFolder, host, port, isRoot, path }: UnitInput): string {
  const argv = [...command, 'up', '--data', dataFolder, '--host', host, '--port', String(port)];
  return `[Unit]
Description=Slipway, from a git push to a healthy stack
After=network-online.target docker.service
Wants=network-online.target

[Service]
ExecStart=${argv.map(word).join(' ')}
Environment=${word(`PATH=${path}`)}
# DATABASE_URL=postgres://... for a PostgreSQL of your own
EnvironmentFile=-${isRoot ? '/etc/default/slipway' : '%h/.config/slipway/environment'}
KillMode=process
KillSignal=SIGTERM
TimeoutStopSec=150
Restart=on-failure
RestartSec=2

[Install]
WantedBy=${isRoot ? 'multi-user.target' : 'default.target'}
`;
}

/** A word of a unit file: quoted where it must be, `%` and `$` as themselves. */
function word(text: string): string {
  const escaped = text.replaceAll('%', '%%').replaceAll('$', '$$$$');
  return /[\s"'\\]/.test(escaped) ? `"${escaped.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"` : escaped;
}
