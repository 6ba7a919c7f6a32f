import {
  mayCall,
  permissionsOf,
  type Role,
  rightsThrough,
  roleNames,
  type ServiceName,
  serviceNames,
  services,
} from "@countersign/access";
import { type Access, type DeclaredProcedure, type Limit, walkRouter } from "@countersign/context";
import type { AnyRouter } from "@trpc/server";

/** A procedure that none of the builders of `context` made: nobody could say who may call it. */
export class UndeclaredProcedureError extends Error {
  override readonly name = "UndeclaredProcedureError";
}

/**
 * Says who may call what, as a Markdown page: a row for every procedure, a column for nobody, for each role and for
 * each calling service.
 *
 * @throws UndeclaredProcedureError naming the first procedure that was made by no builder of `context`.
 */
export function renderAccess(routers: Readonly<Record<ServiceName, AnyRouter>>): string {
  const sections = serviceNames.map((service) => renderService(service, walkRouter(routers[service])));
  return `${preface}\n${sections.join("\n")}`;
}

const preface = `# Who may call what

Made by \`npm run access\` from the routers themselves; a test fails when it is stale. Roles and services are declared in
\`packages/access\`. A cell says yes (✓) or nothing. The last columns are services that call with their own token; *for a
user* means that the service has to call on a user's behalf, who may do it by the rights that the service passes on. A
user's own call reaches a service that faces users only. Procedures marked *live* also ask auth whether the session still stands.
The last column is how often: so many calls in so many seconds, for each address, user or calling service. What signs
users in has limits of its own, in \`apps/auth/src/limits/limits.ts\`.
`;

function renderService(service: ServiceName, procedures: readonly DeclaredProcedure[]): string {
  const callers = serviceNames.filter((name) => mayCall(name, service));
  const columns = ["procedure", "kind", "anyone", ...roleNames, ...callers, "limits"];
  const rows = procedures.map((procedure) => {
    const access = accessOf(service, procedure);
    const users = roleNames.map((role) => services[service].facesUsers && admitsRole(access, role));
    const marks = [access.kind === "public", ...users].map((admitted) => (admitted ? "✓" : ""));
    const others = callers.map((name) => markOf(access, name));
    const kind = procedure.freshness === "live" ? `${procedure.type}, *live*` : procedure.type;
    return row([
      `\`${service}.${procedure.path}\``,
      kind,
      ...marks,
      ...others,
      procedure.limits.map(spellLimit).join(", "),
    ]);
  });
  return [`## ${service}`, "", row(columns), row(columns.map(() => "---")), ...rows, ""].join("\n");
}

function spellLimit({ calls, perSeconds, by }: Limit): string {
  return by === "procedure" ? `${calls} in ${perSeconds} s altogether` : `${calls} in ${perSeconds} s per ${by}`;
}

function row(cells: readonly string[]): string {
  return `| ${cells.join(" | ")} |`;
}

function accessOf(service: ServiceName, { path, access }: DeclaredProcedure): Access {
  if (access !== null) return access;
  throw new UndeclaredProcedureError(`${service}.${path} was made by none of the procedures of packages/context.`);
}

function admitsRole(access: Access, role: Role): boolean {
  if (access.kind === "role") return access.roles.includes(role);
  if (access.kind !== "permission") return access.kind !== "service" && access.kind !== "delegated";
  const granted = permissionsOf([role]);
  return access.permissions.every((permission) => granted.includes(permission));
}

function markOf(access: Access, caller: ServiceName): string {
  if (access.kind === "public" || (access.kind === "service" && access.callers.includes(caller))) return "✓";
  return admitsThrough(access, caller) ? "for a user" : "";
}

/** Whether there is a user whom the procedure admits through this caller. */
function admitsThrough(access: Access, caller: ServiceName): boolean {
  if (access.kind === "direct") return false;
  if (access.kind === "service" || access.kind === "delegated") return access.callers.includes(caller);
  const { roles, permissions } = rightsThrough(caller, { roles: roleNames, permissions: permissionsOf(roleNames) });
  if (access.kind === "role") return access.roles.some((role) => roles.includes(role));
  return access.kind !== "permission" || access.permissions.every((permission) => permissions.includes(permission));
}
