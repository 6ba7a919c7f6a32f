export { isPermission, isRole, type Permission, permissionsOf, type Role, roleNames, roles } from "./roles.ts";
export {
  type CalleesOf,
  type CallersOf,
  type ClientName,
  callersOf,
  gatewayPort,
  isClient,
  isService,
  mayCall,
  type Rights,
  rightsThrough,
  type ServiceName,
  serviceNames,
  services,
  userFacingServices,
} from "./services.ts";
