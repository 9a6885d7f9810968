/**
 * Services and events of the system account. So far: who am I (`$SYS.REQ.USER.INFO`).
 */
export { UserInfoService, type SystemView } from './user-info.ts';
