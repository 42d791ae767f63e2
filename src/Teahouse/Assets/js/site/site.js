// What every page has: the theme switch, the frame's drawers, dialogs, filters. Local toggles are Alpine components
// (the build without eval, for the content security policy); markup names them with x-data.
import Alpine from '@alpinejs/csp';
import { avatarColour } from './avatar-colour.js';
import { browserNotices } from './browser-notices.js';
import { copyButton, reveal, typedName } from './buttons.js';
import { frame } from './frame.js';
import { listFilter } from './filter.js';
import { pickAll } from './pick.js';
import { themeSwitch } from './theme-switch.js';
import { connectDialogs } from './dialogs.js';
import { suggestUsers } from './suggest.js';
import { showLocalTimes } from './times.js';

Alpine.data('avatarColour', avatarColour);
Alpine.data('browserNotices', browserNotices);
Alpine.data('frame', frame);
Alpine.data('listFilter', listFilter);
Alpine.data('pickAll', pickAll);
Alpine.data('themeSwitch', themeSwitch);
Alpine.data('reveal', reveal);
Alpine.data('typedName', typedName);
Alpine.data('copyButton', copyButton);
Alpine.start();

connectDialogs(document);
suggestUsers(document);
// A strip of places that does not fit begins at the one that is open.
document.querySelector('.admin-tabs [aria-current=page]')?.scrollIntoView({ block: 'nearest', inline: 'center' });
showLocalTimes(document);
