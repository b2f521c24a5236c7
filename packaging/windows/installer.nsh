; What is a user's own stays: the uninstaller removes the program alone, and says where the rest lies.
!macro customUnInstall
  ${ifNot} ${isUpdated}
  ${andIfNot} ${Silent}
    MessageBox MB_OK|MB_ICONINFORMATION "Butterfly was removed. Your wallets and your runs were kept:$\r$\n$\r$\n$PROFILE\.bittensor\wallets$\r$\n$LOCALAPPDATA\Butterfly$\r$\n$\r$\nDelete these folders yourself only if you have the words of every wallet in them."
  ${endIf}
!macroend
