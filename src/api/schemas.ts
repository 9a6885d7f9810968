import * as Type from 'typebox';
import { ConsumerConfigRequest, StreamConfigRequest } from '../jetstream/index.ts';

/** The request forms of the API that are not configurations; those live with their concept in `jetstream`. */

export const StreamCreateRequest = Type.Object({
  ...StreamConfigRequest.properties,
  pedantic: Type.Optional(Type.Boolean()),
});

const offset = Type.Optional(Type.Integer());
const subject = Type.Optional(Type.String());

export const StreamNamesRequest = Type.Object({ offset, subject });
export const StreamListRequest = Type.Object({ offset, subject });
export const ConsumersRequest = Type.Object({ offset });

export const StreamInfoRequest = Type.Object({
  offset,
  deleted_details: Type.Optional(Type.Boolean()),
  subjects_filter: Type.Optional(Type.String()),
});

export const StreamPurgeRequest = Type.Object({
  seq: Type.Optional(Type.Integer()),
  filter: Type.Optional(Type.String()),
  keep: Type.Optional(Type.Integer()),
});

export const MessageDeleteRequest = Type.Object({
  seq: Type.Optional(Type.Integer()),
  no_erase: Type.Optional(Type.Boolean()),
});

export const MessageGetRequest = Type.Object({
  seq: Type.Optional(Type.Integer()),
  last_by_subj: Type.Optional(Type.String()),
  next_by_subj: Type.Optional(Type.String()),
  batch: Type.Optional(Type.Integer()),
  max_bytes: Type.Optional(Type.Integer()),
  start_time: Type.Optional(Type.String()),
  multi_last: Type.Optional(Type.Array(Type.String())),
  up_to_seq: Type.Optional(Type.Integer()),
  up_to_time: Type.Optional(Type.String()),
  no_hdr: Type.Optional(Type.Boolean()),
});

export const SnapshotRequest = Type.Object({
  deliver_subject: Type.Optional(Type.String()),
  no_consumers: Type.Optional(Type.Boolean()),
  chunk_size: Type.Optional(Type.Integer()),
  window_size: Type.Optional(Type.Integer()),
  jsck: Type.Optional(Type.Boolean()),
});

export const PauseRequest = Type.Object({ pause_until: Type.Optional(Type.String()) });
export const ResetRequest = Type.Object({ seq: Type.Optional(Type.Integer()) });
export const UnpinRequest = Type.Object({ group: Type.Optional(Type.String()) });

export const PullRequestBody = Type.Object({
  expires: Type.Optional(Type.Integer()),
  batch: Type.Optional(Type.Integer()),
  max_bytes: Type.Optional(Type.Integer()),
  no_wait: Type.Optional(Type.Boolean()),
  idle_heartbeat: Type.Optional(Type.Integer()),
  group: Type.Optional(Type.String()),
  min_pending: Type.Optional(Type.Integer()),
  min_ack_pending: Type.Optional(Type.Integer()),
  id: Type.Optional(Type.String()),
  priority: Type.Optional(Type.Integer()),
});

/** The state is that of the copied stream; it is checked against the copy's own bytes, not read from here. */
export const RestoreRequest = Type.Object({
  config: Type.Optional(StreamConfigRequest),
  state: Type.Optional(
    Type.Object({
      messages: Type.Optional(Type.Integer()),
      bytes: Type.Optional(Type.Integer()),
      first_seq: Type.Optional(Type.Integer()),
      first_ts: Type.Optional(Type.String()),
      last_seq: Type.Optional(Type.Integer()),
      last_ts: Type.Optional(Type.String()),
      num_subjects: Type.Optional(Type.Integer()),
      subjects: Type.Optional(Type.Record(Type.String(), Type.Integer())),
      num_deleted: Type.Optional(Type.Integer()),
      deleted: Type.Optional(Type.Array(Type.Integer())),
      lost: Type.Optional(
        Type.Object({
          msgs: Type.Optional(Type.Array(Type.Integer())),
          bytes: Type.Optional(Type.Integer()),
        }),
      ),
      consumer_count: Type.Optional(Type.Integer()),
    }),
  ),
});

export const ConsumerCreateRequest = Type.Object({
  stream_name: Type.Optional(Type.String()),
  config: Type.Optional(ConsumerConfigRequest),
  action: Type.Optional(Type.Union([Type.Literal(''), Type.Literal('create'), Type.Literal('update')])),
  pedantic: Type.Optional(Type.Boolean()),
});
