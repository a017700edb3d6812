import Type from 'typebox';
import type { ApiRequest } from '../../../http/api-request.ts';
import { cleanMediaType } from '../../../services/media/inline-types.ts';
import type { UploadedAs } from '../../../services/media/uploads.ts';

export const uploadQuery = Type.Object({ filename: Type.Optional(Type.String({ maxLength: 255 })) });

/** What the client says of the file that it uploads. */
export function uploadedAs(request: ApiRequest, query: { filename?: string }): UploadedAs {
  return { contentType: cleanMediaType(request.headers['content-type']), fileName: query.filename };
}
