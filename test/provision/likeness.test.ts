import { expect, it } from '@jest/globals'
import { likeness } from '../../src/provision/likeness.ts'

it.each([
  ['shop.orders', 'shop.orders', true],
  ['shop.orders', 'shop.orders_old', false],
  ['SHOP.*', 'shop.orders', true],
  ['*', '', true],
  ['*orders', 'shop.Orders', true],
  ['*orders', 'shop.orders_old', false],
  ['*.*r*r*', 'shop.orders', true],
  ['*.*r*r*r*', 'shop.orders', false],
  ['shop.orders*shop.orders', 'shop.orders', false],
  ['orders', 'shop.orders', false],
  ['shop.order.', 'shop.orders', false],
  ['', 'shop.orders', false],
  [`${'*a'.repeat(100)}b`, 'a'.repeat(200), false],
])('a name like %j: %j is %j', (pattern, name, like) => {
  expect(likeness(pattern)(name)).toBe(like)
})
