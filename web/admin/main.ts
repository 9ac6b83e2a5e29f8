import { Shell } from './shell';
import { locale, t } from './texts';

document.documentElement.lang = locale;
document.title = t('shell.title');
customElements.define('admin-console', Shell);
