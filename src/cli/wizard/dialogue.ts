import type { z } from 'zod'
import { askOnTerminal, type Answers } from '../ask.ts'
import { WrongUsage } from '../checked.ts'

/** Something to be known: by an option, else by asking, else as nobody said otherwise. */
export interface Question {
  /** `--dialect` */
  readonly option: string
  /** What the option said. */
  readonly given: string | undefined
  readonly ask: string
  /** What an empty answer means; undefined: there has to be one. */
  readonly otherwise?: string
  /** What is wrong with an answer; undefined: nothing. */
  check?(answer: string): string | undefined
}

/** The same where there may be several answers. */
export interface ListQuestion extends Pick<Question, 'option' | 'ask'> {
  readonly given: readonly string[] | undefined
  /** What is wrong with the answers; undefined: nothing. */
  check?(answers: readonly string[]): string | undefined
}

/** Where answers come from. */
export interface Dialogue {
  /** One text; empty where it may be left out. @throws Problem for an option that is wrong or missing */
  text(question: Question): Promise<string>
  /** Several texts, with commas between them. */
  list(question: ListQuestion): Promise<readonly string[]>
  /** @param option what would answer it */
  confirm(given: boolean | undefined, question: string, otherwise: boolean, option?: string): Promise<boolean>
  /** Tells something between the questions. */
  say(text: string): void
  /** Whether nobody is asked. */
  readonly silent: boolean
  end(): void
}

/** @param silent whether nobody is asked: what no option says is as it is otherwise */
export function openDialogue(silent: boolean): Dialogue {
  let answers: Answers | undefined
  const terminal = (): Answers => (answers ??= askOnTerminal())
  const say = (text: string): void => console.error(text)
  const text = async ({ option, given, ask, otherwise, check }: Question): Promise<string> => {
    if (given !== undefined || silent) {
      const answer = given ?? otherwise
      if (answer === undefined) throw new WrongUsage(`\`${option}\` is missing`)
      const wrong = answer === '' ? undefined : check?.(answer)
      if (wrong !== undefined) throw new WrongUsage(`\`${option}\` ${wrong}`)
      return answer
    }
    for (;;) {
      const answer = (await terminal().ask(ask, option)) || otherwise
      if (answer === '') return answer
      const wrong = answer === undefined ? 'this cannot be left out' : check?.(answer)
      if (answer !== undefined && wrong === undefined) return answer
      // The answer itself is not repeated: a secret may have been entered where a reference is asked for.
      say(`  ${wrong}`)
    }
  }
  return {
    silent,
    say,
    text,
    async list({ given, check, ...question }) {
      const whole = await text({
        ...question,
        given: given?.join(','),
        otherwise: '',
        check: (answer) => check?.(given ?? textsIn(answer)),
      })
      return given ?? textsIn(whole)
    },
    confirm: async (given, question, otherwise, option) =>
      given ?? (silent ? otherwise : terminal().confirm(question, otherwise, option)),
    end: () => answers?.end(),
  }
}

const textsIn = (answer: string): string[] =>
  answer
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '')

/** What a schema has against a text. */
export const against =
  (schema: z.ZodType) =>
  (answer: string): string | undefined =>
    schema.safeParse(answer).error?.issues[0]?.message
