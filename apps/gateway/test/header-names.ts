/** Names of request headers, in groups, for tests of what goes on to a service. */

/** Headers that proxies and platforms write for the servers behind them. */
export const proxyHeaders: Readonly<Record<string, readonly string[]>> = {
  "users and their names": words(`
    user username x-user x-user-id x-userid x-userinfo x-user-name remote-user remote-name remote-email
    remote-groups remoteuser http-remote-user x-remote-user x-remote-group x-remote-extra-scopes
    x-authenticated-user x-authenticated-userid x-authenticated-scope x-enduser x-current-user x-login x-email
    x-account-id x-customer-id x-employee-id x-member-id x-principal x-subject x-sub x-uid x-identity x-actor
    x-display-name displayname x-given-name impersonate-user impersonate-group x-impersonated-by x-on-behalf-of
    x-run-as x-act-as sudo
  `),
  "rights and tenants": words(`
    x-role x-roles x-userroles x-groups x-permissions x-scope x-scopes x-claims x-claim-sub x-is-admin x-admin
    x-internal x-is-internal x-tenant x-tenant-id x-tenantid x-scope-orgid x-org-id x-organization-id x-realm
    x-hasura-role x-hasura-admin-secret x-trusted x-verified-by
  `),
  "single sign-on and tokens": words(`
    x-auth x-auth-request-user x-auth-request-access-token x-authentik-username x-oauth-scopes x-authorization
    x-webauth-user x-sso-user x-saml-nameid x-shib-session-id shib-eppn eppn edupersonaffiliation sm-user
    sm-universalid iv-user iv-creds oam-identity-domain x-jwt x-jwt-assertion x-jwt-claim-sub x-id-token
    x-access-token x-session-user x-session-id x-credential-identifier x-consumer-id x-consumer-username
    x-anonymous-consumer x-security-context sec-provided-token-binding-id
  `),
  "platforms and meshes": words(`
    x-ms-client-principal x-ms-client-principal-id x-ms-token-aad-access-token x-ms-original-url x-amzn-oidc-data
    x-amzn-oidc-identity x-amzn-request-context x-apigateway-event x-apigateway-api-userinfo
    x-endpoint-api-userinfo x-goog-authenticated-user-email x-goog-iap-jwt-assertion x-appengine-user-email
    x-appengine-inbound-appid cf-access-authenticated-user-email cf-access-jwt-assertion x-vercel-oidc-token
    tailscale-user-login x-pomerium-claim-email x-rapidapi-user x-envoy-internal x-envoy-external-address
    x-forwarded-client-cert l5d-client-id l5d-dst-override x-service-name x-countersign-assertion
  `),
  "addresses and certificates": words(`
    client-ip x-client-ip x-clientip x-azure-clientip x-azure-socketip x-real-ip true-client-ip cf-connecting-ip
    fly-client-ip fastly-client-ip x-cluster-client-ip x-originating-ip x-remote-addr remote-addr x-ip
    cloudfront-viewer-address wl-proxy-client-ip x-proxyuser-ip forwarded x-forwarded x-forwarded-user
    x-forwarded-preferred-username forwarded-for x-forward-for client-cert client-cert-chain x-client-cert
    x-arr-clientcert ssl-client-s-dn ssl-client-verify x-ssl-client-dn x-tls-client-subject x-spiffe-id x-dn
  `),
  "other URLs, methods and paths": words(`
    x-original-url x-original-host x-original-method x-rewrite-url x-override-url x-http-method-override
    x-http-method x-method-override x-host x-http-host-override proxy proxy-host x-proxy-user x-scheme
    front-end-https x-middleware-subrequest x-accel-mapping
  `),
};

/** Headers that browsers, tracers and clients of every kind send. */
export const clientHeaders: readonly string[] = words(`
    accept accept-charset accept-encoding accept-language access-control-request-method cache-control
    content-digest content-disposition content-encoding content-language content-type date dnt early-data from
    if-match if-modified-since if-none-match if-range last-event-id origin pragma prefer priority range referer
    save-data service-worker service-worker-navigation-preload upgrade-insecure-requests user-agent want-digest
    signature signature-input sec-ch-ua sec-ch-ua-full-version-list sec-ch-ua-mobile sec-ch-ua-platform
    sec-ch-prefers-color-scheme sec-fetch-dest sec-fetch-mode sec-fetch-site sec-fetch-user sec-gpc sec-purpose
    sec-websocket-key sec-websocket-protocol device-memory downlink viewport-width traceparent tracestate baggage
    sentry-trace b3 x-b3-traceid x-b3-spanid x-b3-sampled x-amzn-trace-id x-cloud-trace-context x-datadog-trace-id
    x-datadog-origin uber-trace-id newrelic x-correlation-id idempotency-key x-idempotency-key trpc-accept
    x-trpc-source trpc-batch-mode x-requested-with x-csrf-token x-xsrf-token x-api-key x-api-version x-app-version
    x-goog-api-client apollographql-client-name x-grpc-web grpc-timeout connect-protocol-version mcp-session-id
    mcp-protocol-version hx-request hx-target hx-current-url turbo-frame x-inertia rsc next-action
    next-router-state-tree x-nextjs-data x-hub-signature-256 x-github-event x-github-delivery x-gitlab-token
    stripe-signature x-shopify-hmac-sha256 x-timezone x-device-id tus-resumable upload-length upload-offset
`);

function words(text: string): string[] {
  return text.trim().split(/\s+/);
}
