import { Matches } from 'class-validator';
import { ServiceConfig } from '#service';

export class ReconcilerConfig extends ServiceConfig {
  @Matches(/^rediss?:\/\/\S+$/, { message: 'REDIS_URL must be set to redis://… or rediss://…' })
  REDIS_URL: string = '';
}
