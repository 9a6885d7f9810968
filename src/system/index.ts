/**
 * Services and events of the system account. So far: who am I (`$SYS.REQ.USER.INFO`).
 */
export { type SystemView, UserInfoService } from './user-info.ts';
