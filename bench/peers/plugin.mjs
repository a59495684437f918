// The nearest that a plugin for ESLint can say without writing an analysis of its own; oxlint runs the same file.
// A release of the head later in the function is looked for by text; paths are not followed. Modules are known where
// they are called by name, or required on the spot.
const HEAD = /^(head|upgradeHead|upgrade_head)$/;

const upgradeHead = {
  create(context) {
    const functions = [];
    const enter = (node) => functions.push(node);
    const leave = () => functions.pop();
    return {
      FunctionDeclaration: enter, FunctionExpression: enter, ArrowFunctionExpression: enter,
      'FunctionDeclaration:exit': leave, 'FunctionExpression:exit': leave, 'ArrowFunctionExpression:exit': leave,
      AssignmentExpression(node) {
        const { left, right } = node;
        if (left.type !== 'MemberExpression' || right.type !== 'Identifier' || !HEAD.test(right.name)) return;
        const home = functions.findLast(({ params }) => params[2]?.type === 'Identifier' && params[2].name === right.name);
        if (!home) return;
        const text = context.sourceCode.getText(home), slot = context.sourceCode.getText(left);
        if (!text.includes('delete ' + slot) && !text.includes(slot + ' = null')) {
          context.report({ node, message: 'the upgrade head is kept' });
        }
      },
    };
  },
};

const newBuffer = {
  create(context) {
    const report = (node) => {
      if (node.callee.type === 'Identifier' && node.callee.name === 'Buffer') {
        context.report({ node, message: 'new Buffer() copies data or hands out old memory' });
      }
    };
    return { NewExpression: report, CallExpression: report };
  },
};

const isModule = (node) =>
  (node.type === 'Identifier' && (node.name === 'tls' || node.name === 'https')) ||
  (node.type === 'CallExpression' && node.callee.name === 'require' && /^(node:)?(tls|https)$/.test(node.arguments[0]?.value));

const tlsSlabSize = {
  create(context) {
    return {
      CallExpression(node) {
        const { callee } = node;
        if (callee.type === 'MemberExpression' && callee.property.name === 'createServer' && isModule(callee.object)) {
          context.report({ node, message: 'a TLS server whose slabs are of 10 MiB' });
        }
      },
    };
  },
};

export default {
  meta: { name: 'bench' },
  rules: { 'upgrade-head': upgradeHead, 'new-buffer': newBuffer, 'tls-slab-size': tlsSlabSize },
};
