/** What `slipway init` decides before it writes. */
export interface TemplateInput {
  readonly project: string;
  /** As in the file: relative to it. */
  readonly compose: readonly string[];
  readonly branch: string;
  /** `null`: the default one. */
  readonly cluster: string | null;
}

/** A commented slipway.yaml: what is there is what holds, and the comments say what else there is. */
export function projectTemplate({ project, compose, branch, cluster }: TemplateInput): string {
  const files = compose.length === 1 ? quoted(compose[0] ?? '') : `[${compose.map(quoted).join(', ')}]`;
  return `# What Slipway deploys, and where. The Compose file stays as it is.
# All that can stand here: docs/schema/slipway.schema.json of Slipway, for editors and people.
project: ${quoted(project)}
compose: ${files}

# The name of a stack. {project} and {environment} are always known, others come from \`values\`.
# stack: "{project}-{environment}"
# values: { team: web }

environments:
  production:
    # A push of this branch deploys here; so does \`slipway deploy\`.
    deployOn: { branch: ${quoted(branch)} }
    # Where it runs: see \`slipway cluster ls\`. Without it: the default cluster.
${cluster === null ? '    # cluster: local' : `    cluster: ${quoted(cluster)}`}
    # How long a rollout may take, and how long all must stay well before it counts as done.
    # deploy: { deadline: 10m, stability: 5s }

  # A second environment, by tag instead of branch:
  # staging:
  #   deployOn: { tag: "v*" }

# Where built images are pushed (several nodes need one): \`slipway registry login registry.example.com\`
# registry: registry.example.com/team

# Whom to tell: \`slipway channel add team\`
# notify:
#   - { on: [tests.failed, deployment.succeeded, deployment.failed], to: team }
`;
}

/** A YAML scalar, quoted where it would be something else without quotes. */
const quoted = (text: string): string =>
  /^[A-Za-z_./][A-Za-z0-9_./-]*$/.test(text) && !/^(true|false|yes|no|on|off|null|y|n)$/i.test(text)
    ? text
    : JSON.stringify(text);
