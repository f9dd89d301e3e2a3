import { html } from '../dom.ts';

// The toolkit looks here for the nonce of the page's content security policy, when it tries out whether the browser knows :focus-visible.
const nonce = document.currentScript?.nonce ?? '';
if (nonce !== '') document.head.append(html('meta', { property: 'csp-nonce', content: nonce }));
