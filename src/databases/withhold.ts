/**
 * Takes secrets out of a text, the longest first, so that none is left in part.
 *
 * A short one is taken out where it stands alone: inside other words it tells nothing, and nothing could be read without
 * its letters.
 */
export function withhold(text: string, secrets: readonly string[]): string {
  return secrets
    .filter((secret) => secret !== '')
    .toSorted((a, b) => b.length - a.length)
    .reduce(
      (shown, secret) =>
        secret.length < SHORT
          ? shown.replaceAll(new RegExp(`(?<!\\w)${secret.replaceAll(/\W/g, '\\$&')}(?!\\w)`, 'g'), '…')
          : shown.replaceAll(secret, '…'),
      text,
    )
}

const SHORT = 6
