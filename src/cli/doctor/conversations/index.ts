import type { Conversation } from '../conversation.ts'
import { auth0 } from './auth0.ts'
import { authentik } from './authentik.ts'
import { entra, entraFlag } from './entra.ts'
import { google } from './google.ts'
import { jumpcloud } from './jumpcloud.ts'
import { keycloak } from './keycloak.ts'
import { microsoftGallery, microsoftValidator } from './microsoft.ts'
import { oktaCrud, oktaSpec } from './okta-suites.ts'
import { okta, oktaWizard } from './okta.ts'
import { onelogin } from './onelogin.ts'
import { ping } from './ping.ts'
import { rauthy } from './rauthy.ts'
import { sailpoint } from './sailpoint.ts'

/** Every client that the doctor plays, and the suites of the gatekeepers. */
export const conversations: readonly Conversation[] = [
  entra,
  entraFlag,
  okta,
  oktaWizard,
  onelogin,
  jumpcloud,
  google,
  ping,
  keycloak,
  authentik,
  sailpoint,
  auth0,
  rauthy,
  oktaSpec,
  oktaCrud,
  microsoftValidator,
  microsoftGallery,
]
