const claimSettings = ['userClaim', 'usernameClaim', 'rolesClaim'] as const;

/** The settings that say what a token must be for the server to take it. */
export const tokenSettings = ['jwtSecret', 'jwksUrl', 'jwtIssuer', 'jwtAudience', ...claimSettings] as const;

/** `a,b` as a list. */
export const listOf = (text: string | undefined): string[] =>
  (text ?? '')
    .split(',')
    .map((item) => item.trim())
    .filter(Boolean);
