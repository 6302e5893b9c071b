/** Who asks for changes, as it stands in logs and in the audit; beside these there are `cli` and `system`. */
export const tokenActor = (prefix: string): string => `token:sb_${prefix}`
export const clientActor = (id: string): string => `client:${id}`
export const ENVIRONMENT_ACTOR = 'token:environment'
