export { isRole, type Permission, permissionsOf, type Role, roleNames, roles } from "./roles.ts";
export {
  type CalleesOf,
  type CallersOf,
  callersOf,
  gatewayPort,
  isService,
  mayCall,
  type ServiceName,
  serviceNames,
  services,
  userFacingServices,
} from "./services.ts";
