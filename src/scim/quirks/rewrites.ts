/** One thing that clients do and the RFCs do not, and what it is taken to mean. */
export interface Rewrite {
  readonly does: string
  /** Where a vendor describes the habit, or where it was recorded. */
  readonly sources: readonly string[]
}

/** The name by which a rewrite is asked for and reported. */
export type RewriteId = keyof typeof rewrites

/**
 * Every departure from the letter of RFC 7643 and RFC 7644 that is made for a client.
 *
 * The core asks for a rewrite by name where it would have to refuse otherwise, and the ledger says yes or no. Four of
 * them need no asking, because the RFCs say the same.
 */
export const rewrites = {
  N1: {
    does: '`op` in any letter case',
    sources: [
      'https://learn.microsoft.com/en-us/entra/identity/app-provisioning/application-provisioning-config-problem-scim-compatibility',
      'https://github.com/goauthentik/authentik/issues/11249',
    ],
  },
  N2: {
    does: '`Operations` that is one object is a list of one, in any letter case; an empty list changes nothing',
    sources: [
      'https://github.com/Captain-P-Goldfish/SCIM-SDK/issues/686',
      'https://github.com/scimmyjs/scimmy/issues/59',
    ],
  },
  N3: {
    does: 'a PATCH body needs no PatchOp URN',
    sources: [
      'https://github.com/thomaspoignant/scim-patch/issues/207',
      'https://github.com/jelhub/scimgateway/issues/113',
    ],
  },
  N4: {
    does: 'the keys of a body say which schemas are meant, not its list `schemas`',
    sources: [
      'https://github.com/goauthentik/authentik/issues/11249',
      'https://learn.microsoft.com/en-us/entra/identity/app-provisioning/use-scim-to-provision-users-and-groups',
      'https://learn.microsoft.com/en-us/entra/identity/app-provisioning/customize-application-attributes',
    ],
  },
  N5: {
    does: '`"True"` and `"False"` are booleans where the schema has a boolean',
    sources: [
      'https://learn.microsoft.com/en-us/entra/identity/app-provisioning/use-scim-to-provision-users-and-groups',
      'https://learn.microsoft.com/en-us/entra/identity/app-provisioning/application-provisioning-config-problem-scim-compatibility',
      'https://github.com/mitodl/keycloak-scim',
    ],
  },
  N6: {
    does: 'a number is text where the schema has text, and digits in quotes are a number where it has a number',
    sources: ['https://developer.okta.com/docs/guides/scim-with-entitlements/main/'],
  },
  N7: {
    does: 'an array of one is its element where the schema has a single value, and the reverse',
    sources: ['https://github.com/Azure/AzureAD-BYOA-Provisioning-Samples/issues/22'],
  },
  N8: {
    does: 'a bare text for a complex value is its `value`',
    sources: [
      'https://github.com/apache/directory-scimple/issues/1242',
      'https://github.com/Captain-P-Goldfish/SCIM-SDK/issues/686',
      'https://github.com/AzureAD/SCIMReferenceCode/blob/master/PostmanCollection.json',
    ],
  },
  N9: {
    does: 'the keys of a value without a path are paths; a key of a body may be a name behind its URN',
    sources: [
      'https://learn.microsoft.com/en-us/entra/identity/app-provisioning/application-provisioning-config-problem-scim-compatibility',
      'https://github.com/thomaspoignant/scim-patch/issues/132',
      'https://github.com/Captain-P-Goldfish/SCIM-SDK/issues/193',
    ],
  },
  N10: {
    does: 'names may carry their URN and stand in any letter case: so does RFC 7644 §3.10, in strict mode too',
    sources: ['https://github.com/rancher/rancher/pull/54896'],
  },
  N11: {
    does: 'a value filter that matches nothing makes the element that it describes',
    sources: [
      'https://github.com/Captain-P-Goldfish/scim-for-keycloak/issues/73',
      'https://github.com/Captain-P-Goldfish/SCIM-SDK/issues/416',
      'https://github.com/thomaspoignant/scim-patch/issues/176',
      'https://github.com/wireapp/wire-server/pull/5419',
    ],
  },
  N12: {
    does: 'remove where a value filter matches nothing is a success: so it is in strict mode',
    sources: ['https://github.com/Captain-P-Goldfish/scim-for-keycloak/issues/73'],
  },
  N13: {
    does: 'a value filter may stand on a single complex value',
    sources: ['https://github.com/thomaspoignant/scim-patch/issues/453'],
  },
  N14: {
    does: 'remove with a list of values removes these values, not all',
    sources: [
      'https://github.com/MicrosoftDocs/azure-docs/issues/30826',
      'https://github.com/goauthentik/authentik/blob/main/authentik/providers/scim/clients/groups.py',
      'https://github.com/goauthentik/authentik/issues/23798',
    ],
  },
  N15: {
    does: 'remove without a value removes all: so does RFC 7644 §3.5.2.2, in strict mode too',
    sources: ['https://github.com/mitodl/keycloak-scim'],
  },
  N16: {
    does: 'remove with a value that is not the stored one changes nothing',
    sources: ['https://github.com/AzureAD/SCIMReferenceCode/pull/87'],
  },
  N17: {
    does: 'an empty text clears an attribute; what is left with nothing but a type goes',
    sources: [
      'https://github.com/AzureAD/SCIMReferenceCode/blob/master/Microsoft.SCIM.LogicAppValidationTemplate/StandardLogicApp/SCIM-Validation-Test-Overview.md',
      'https://developer.okta.com/docs/api/openapi/okta-scim/guides/scim-20',
    ],
  },
  N18: {
    does: 'adding what is there and removing what is not is a success: so it is in strict mode',
    sources: ['https://github.com/AzureAD/SCIMReferenceCode/issues/10'],
  },
  N19: {
    does: 'a PATCH of what the server owns (`id`, `meta`, `schemas`, `groups`) leaves that out',
    sources: [
      'https://developer.okta.com/docs/api/openapi/okta-scim/guides/scim-20',
      'https://documentation.sailpoint.com/connectors/saas/scim_2_0/help/saas_connectivity/scim_2_0_saas/prerequisites.html',
    ],
  },
  N20: {
    does: 'a role whose value is a JSON document as text is that document',
    sources: [
      'https://learn.microsoft.com/en-us/entra/identity/app-provisioning/customize-application-attributes',
    ],
  },
  N21: {
    does: '`displayName` is `display` where the schema has only that',
    sources: [
      'https://learn.microsoft.com/en-us/entra/identity/app-provisioning/customize-application-attributes',
      'https://github.com/AzureAD/SCIMReferenceCode/blob/master/PostmanCollection.json',
    ],
  },
  N22: {
    does: 'of several primary values the last one is the primary',
    sources: ['https://docs.pingidentity.com/pingone/integrations/p1_scim_provisioning_limitations.html'],
  },
  N23: {
    does: 'an attribute that no schema knows is ignored and named',
    sources: ['https://github.com/AzureAD/SCIMReferenceCode/blob/master/PostmanCollection.json'],
  },
  F1: {
    does: 'a value in a filter needs no quotes',
    sources: [
      'https://github.com/goauthentik/authentik/blob/main/authentik/providers/scim/clients/users.py',
      'https://docs.pingidentity.com/integrations/scim/setup/pf_scim_connector_scim_connector_settings_reference.html',
    ],
  },
  F2: {
    does: '`emails[type eq "work"].value eq "x"` is `emails[type eq "work" and value eq "x"]`',
    sources: [
      'https://learn.microsoft.com/en-us/entra/identity/app-provisioning/use-scim-to-provision-users-and-groups',
    ],
  },
  F3: {
    does: 'a comparison with a complex value is one with its `value`',
    sources: [
      'https://learn.microsoft.com/en-us/entra/identity/app-provisioning/use-scim-to-provision-users-and-groups',
    ],
  },
  F4: {
    does: '`manager` in a filter is the attribute of that name in the one extension that has it',
    sources: [
      'https://learn.microsoft.com/en-us/entra/identity/app-provisioning/use-scim-to-provision-users-and-groups',
    ],
  },
} as const satisfies { readonly [id: string]: Rewrite }
