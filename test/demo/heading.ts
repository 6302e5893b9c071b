/** Prints the title of a part. */
export function heading(text: string): void {
  console.log(`\n${text}\n${'='.repeat(text.length)}`)
}
