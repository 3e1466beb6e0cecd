// A jscodeshift pass that changes nothing: it counts what the ast-grep patterns of side_by_side.py look for.
const CLASS = 'PrismaClient'

module.exports = function (file, { jscodeshift, stats }) {
  const root = jscodeshift(file.source)
  root.find(jscodeshift.NewExpression, { callee: { name: CLASS } }).forEach(() => stats('construction'))
  root.find(jscodeshift.CallExpression, { callee: { property: { name: '$disconnect' } } }).forEach(() => stats('disconnect'))
  root
    .find(jscodeshift.CallExpression, { callee: { object: { name: 'Promise' }, property: { name: 'all' } } })
    .filter(({ node }) => node.arguments[0]?.callee?.property?.name === 'map')
    .forEach(() => stats('fan-out'))
}
