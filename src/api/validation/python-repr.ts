export { pythonRepr as pyRepr, pythonStr as pyStr } from '../../python/repr.js'
