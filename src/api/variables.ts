import { z } from 'zod';
import { SlipwayError } from '#domain/errors.ts';
import { Secret } from '#domain/secret.ts';
import { listVariables, removeVariable, saveVariable, type Variable } from '#store/variables.ts';
import { projectName, time, timeField } from './fields.ts';
import { namedPage, pageOf, pageQuery } from './page.ts';
import type { ApiParts, App } from './parts.ts';
import { getProject } from './projects.ts';

const variableView = z
  .object({
    name: z.string(),
    environment: z.string(),
    secret: z.boolean(),
    value: z.string().nullable().describe('null for a secret: nobody is shown it again'),
    updatedAt: timeField,
  })
  .meta({ id: 'Variable' });
const newVariable = z.object({
  value: z.string().max(1_000_000),
  secret: z
    .boolean()
    .default(true)
    .describe('A secret is shown to nobody again, and masked wherever it would be printed'),
});
const place = z.object({
  project: projectName,
  environment: z
    .string()
    .regex(/^(\*|[A-Za-z0-9][A-Za-z0-9._-]{0,62})$/, "is neither an environment's name nor '*'")
    .describe('`*` stands for all environments; a variable of an environment itself goes before it'),
});
const one = place.extend({
  name: z.string().regex(/^[A-Za-z_][A-Za-z0-9_]{0,254}$/, "is no variable's name: letters, digits, '_'"),
});
const tags = ['variables'];
const path = '/v1/projects/:project/environments/:environment/variables';

/** Variables and secrets of a project's environments. */
export function variableRoutes(app: App, parts: ApiParts): void {
  readVariables(app, parts);
  changeVariables(app, parts);
}

function readVariables(app: App, parts: ApiParts): void {
  app.get(
    path,
    {
      schema: {
        operationId: 'listVariables',
        summary: 'List the variables set for an environment, or for all (`*`), by name',
        tags,
        params: place,
        querystring: pageQuery,
        response: { 200: pageOf(variableView) },
      },
    },
    async ({ params, query }) => {
      const { rows, next } = namedPage(query, await variables(parts, params), (row) => row.name);
      return { items: rows.map(viewOf), next };
    },
  );
  app.get(
    `${path}/:name`,
    {
      schema: {
        operationId: 'getVariable',
        summary: 'One variable',
        tags,
        params: one,
        response: { 200: variableView },
      },
    },
    async ({ params }) => viewOf(await getVariable(parts, params)),
  );
}

function changeVariables(app: App, parts: ApiParts): void {
  app.put(
    `${path}/:name`,
    {
      schema: {
        operationId: 'setVariable',
        summary: 'Set a variable',
        tags,
        params: one,
        body: newVariable,
        response: { 200: variableView },
      },
    },
    async ({ params, body: { value, secret } }) => {
      await getProject(parts, params.project);
      const { store } = parts;
      await store.transaction((tx) => saveVariable(tx, store.key, { ...params, value: new Secret(value), secret }));
      return viewOf(await getVariable(parts, params));
    },
  );
  app.delete(
    `${path}/:name`,
    {
      schema: {
        operationId: 'removeVariable',
        summary: 'Remove a variable',
        tags,
        params: one,
        response: { 204: z.null().describe('Removed') },
      },
    },
    async ({ params }, reply) => {
      if (!(await parts.store.transaction((tx) => removeVariable(tx, params)))) throw missing(params);
      return reply.status(204).send(null);
    },
  );
}

async function variables(parts: ApiParts, { project, environment }: z.output<typeof place>) {
  await getProject(parts, project);
  const { store } = parts;
  return store.read((db) => listVariables(db, store.key, project, environment));
}

async function getVariable(parts: ApiParts, at: z.output<typeof one>): Promise<Variable> {
  const found = (await variables(parts, at)).find((variable) => variable.name === at.name);
  if (found) return found;
  throw missing(at);
}

const missing = ({ project, environment, name }: z.output<typeof one>): SlipwayError =>
  new SlipwayError(
    'not_found',
    `${project}/${environment} has no variable '${name}'`,
    'list them with `slipway env ls`',
  );

const viewOf = ({ name, environment, secret, value, updatedAt }: Variable) => ({
  name,
  environment,
  secret,
  value: secret ? null : value.reveal(),
  updatedAt: time(updatedAt),
});
