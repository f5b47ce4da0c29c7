import { InvalidParameterValue, NotFound, ServerError } from '../errors.js'

/** Upstream's errors about images (`ironic/common/exception.py`): clients match on the texts. */
export class ImageRefValidationFailed extends ServerError {
  override readonly name = 'ImageRefValidationFailed'
  constructor(href: string, reason: string, cause?: unknown) {
    super(`Validation of image href ${href} failed, reason: ${reason}`, cause)
  }
}
export class ImageDownloadFailed extends ServerError {
  override readonly name = 'ImageDownloadFailed'
  constructor(href: string, reason: string, cause?: unknown) {
    super(`Failed to download image ${href}, reason: ${reason}`, cause)
  }
}
export class ImageNotFound extends NotFound {
  override readonly name = 'ImageNotFound'
  constructor(id: string) {
    super(`Image ${id} could not be found.`)
  }
}
export class ImageNotAuthorized extends ServerError {
  override readonly name = 'ImageNotAuthorized'
  constructor(id: string) {
    super(`Not authorized for image ${id}.`)
  }
}
export class InvalidImageRef extends InvalidParameterValue {
  constructor(href: string) {
    super(`Invalid image href ${href}.`)
  }
}
export class ImageUnacceptable extends ServerError {
  override readonly name: string = 'ImageUnacceptable'
  static because(id: string, reason: string, cause?: unknown): ImageUnacceptable {
    return new ImageUnacceptable(`Image ${id} is unacceptable: ${reason}`, cause)
  }
}
/** What is wrong is for the operator's log, not for whoever made the image. */
export class InvalidImage extends ImageUnacceptable {
  override readonly name: string = 'InvalidImage'
  constructor(message = 'The requested image is not valid for use.', cause?: unknown) {
    super(message, cause)
  }
}
export class ImageChecksumError extends InvalidImage {
  override readonly name = 'ImageChecksumError'
  constructor() {
    super('The supplied image checksum is invalid or does not match.')
  }
}
export class ImageChecksumAlgorithmFailure extends InvalidImage {
  override readonly name = 'ImageChecksumAlgorithmFailure'
  constructor() {
    super('The requested image checksum algorithm cannot be loaded.')
  }
}
export class ImageChecksumUrlNotSupported extends InvalidImage {
  override readonly name = 'ImageChecksumUrlNotSupported'
  constructor() {
    super('Use of remote checksum files is not supported.')
  }
}
export class ImageConvertFailed extends ImageUnacceptable {
  override readonly name = 'ImageConvertFailed'
  constructor(id: string, reason: string, cause?: unknown) {
    super(`Image ${id} is unacceptable: ${reason}`, cause)
  }
}
export class ImageCreationFailed extends ServerError {
  override readonly name = 'ImageCreationFailed'
  constructor(type: string, reason: string, cause?: unknown) {
    super(`Creating ${type} image failed: ${reason}`, cause)
  }
}
export class InsufficientDiskSpace extends ServerError {
  override readonly name = 'InsufficientDiskSpace'
  constructor(path: string, requiredMib: number, actualMib: number) {
    super(
      `Disk volume where '${path}' is located doesn't have enough disk space. Required ${Math.ceil(requiredMib)} MiB, only ${Math.floor(actualMib)} MiB available space present.`,
    )
  }
}
