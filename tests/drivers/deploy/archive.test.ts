import { expect, it } from 'vitest'
import { archiveExtension, archiveOf } from '../../../src/drivers/deploy/archive.js'

it.each([
  ['by a property of the image', 'abc', archiveOf({ disk_file_extension: '.tgz' }), '.tgz'],
  [
    'by one of its properties',
    'abc',
    archiveOf({ properties: { disk_file_extension: '.img' } }),
    '.img',
  ],
  ['by the end of its name', 'file:///images/root.tar.gz', {}, '.tar.gz'],
  ['by the end of its path, in capitals too', 'https://h/Root.TAR.XZ?sig=a.img', {}, '.tar.xz'],
  [
    'not by what the installer does not know',
    'file:///root.qcow2',
    { disk_file_extension: '.zip' },
    '',
  ],
  ['not by what would lead elsewhere', 'abc', { disk_file_extension: '/../../x.img' }, ''],
])('an archive is known %s', (_, source, info, expected) => {
  expect(archiveExtension(source, info)).toBe(expected)
})
