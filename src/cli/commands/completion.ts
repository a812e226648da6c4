import { z } from 'zod';
import { command } from '../command.ts';
import { script } from '../completion.ts';

/** `slipway completion`: what the shells complete comes from the commands themselves. */
export const completion = command({
  name: 'completion <shell>',
  about: 'Print the completion script of a shell',
  details:
    'bash: `source <(slipway completion bash)` in ~/.bashrc\n' +
    'zsh:  `source <(slipway completion zsh)` in ~/.zshrc, after compinit\n' +
    'fish: `slipway completion fish > ~/.config/fish/completions/slipway.fish`',
  args: z.object({ shell: z.enum(['bash', 'zsh', 'fish']).describe('bash, zsh or fish') }),
  result: z.object({ shell: z.string(), script: z.string() }),
  run: async ({ shell }, context) => ({ shell, script: script(shell, await context.allCommands()) }),
  show: ({ script: text }) => text,
});
