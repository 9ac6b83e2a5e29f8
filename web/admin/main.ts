import { Shell } from './shell';
import { t } from './texts';

document.title = t('shell.title');
customElements.define('admin-console', Shell);
